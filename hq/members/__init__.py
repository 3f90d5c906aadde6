"""What people do about members: two who are one become one."""
