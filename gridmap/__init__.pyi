from gridmap.core.plans.profile import Profile as Profile
from gridmap.library.check import check as check
from gridmap.library.check import repair as repair
from gridmap.library.comparison import compare as compare
from gridmap.library.partition import partition as partition
from gridmap.library.partition import tessellate as tessellate

__version__: str
