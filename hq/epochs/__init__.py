"""HQ's epoch: how tills find out that HQ was restored from a backup."""
