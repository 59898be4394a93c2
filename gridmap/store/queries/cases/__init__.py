"""Cases, their steps, photos and notices, and the workers who may get one."""
