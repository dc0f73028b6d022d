"""The tools of an assistant, one module each.

How a tool is made (`solve_tool` is the pattern):

1. `mcp/tasks/NAME_task.py`: a function that a worker process runs, with plain values in and out. It gives a dict that
   becomes JSON and whose first key is `sentence`. It raises `OfframpError` for a mistake of the user. If
   `offramp.app.tasks` has the function already, use that.
2. `mcp/tools/NAME_tool.py`: a class of arguments (`RequestBody`: strict, bounded, no unknown key; each field has a
   `Field(description=...)`), an async function `(asked, desk) -> dict`, and `NAME = AssistantTool(...)`.
   The function takes files only through `desk.workspace` and computes only through `await desk.call(task, ...)`; it
   raises `Refused(status, message)` for a mistake. A longer job reports with `await desk.report(done, total, words)`.
3. `mcp/toolbox.py`: its place in `TOOLS`.

The server checks the arguments, cuts an answer over 40 KB and keeps it in full at an address, hides paths of the
machine, and turns errors into answers. Nothing is printed: standard output is the protocol.
"""
