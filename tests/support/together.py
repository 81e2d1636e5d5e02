"""One command line in many processes at once: ``python -m tests.support.together FOLDER COUNT SECONDS ARGUMENT...``.

Each is a fork, which spares it the imports. They begin together; prints a JSON list of their outputs and exit codes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.support.forked import run_forked


def main() -> None:
    folder, count, seconds, argv = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    with tempfile.TemporaryDirectory() as results:
        waiting, starting = os.pipe()
        workers = []
        for number in range(count):
            worker = os.fork()
            if worker == 0:
                os.close(starting)
                os.read(waiting, 1)
                output, _, code = run_forked(folder, argv, os.environ, seconds=seconds, together=True)
                Path(results, str(number)).write_text(json.dumps([output, code]))
                os._exit(0)
            workers.append(worker)
        os.close(starting)
        for worker in workers:
            os.waitpid(worker, 0)
        print(json.dumps([json.loads(Path(results, str(number)).read_text()) for number in range(count)]))


if __name__ == "__main__":
    main()
