"""Work that goes on while processes are killed, the processes that are killed, and what must hold afterwards."""
