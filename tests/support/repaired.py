"""Metrics as it runs, computing by the next version of the rules: each figure that it finds says that it was recounted.

`python -m tests.support.repaired` stands for a release in which a rule was repaired.
"""

import sys

from services.metrics import standing
from services.metrics.__main__ import main

RULES, FLAG = "2", "recounted"

if __name__ == "__main__":
    vars(standing).update(RULES=RULES, _season=lambda plan, basis, finding: (FLAG,))
    main(sys.argv[1:])
