"""What people do about members: two who are one become one, and one who asks for it is forgotten."""
