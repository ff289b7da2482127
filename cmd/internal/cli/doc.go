// Package cli is the command line of tamga.
//
//	code := cli.Run(ctx, cli.Env{Stdin: os.Stdin, Stdout: os.Stdout, …})
//	os.Exit(code)
//
// Run is the whole program as a function; only main ends the process.
//
// The rules of the terminal:
//
//   - Results go to stdout, everything else to stderr. A pipe sees results only.
//   - An error is one line, "tamga: FILE: reason", lower case, no full stop,
//     and where we know what to do next, a second one, "  hint: …".
//   - A file's name is shown as it is when it is plain text, quoted otherwise,
//     so that no name can draw on the terminal or pass for another line.
//   - Colour only on a terminal, never with NO_COLOR, and never the only sign.
//   - Progress only on a terminal, only for work that takes its time.
//   - An output is written beside its place and moved there whole. What exists
//     is not overwritten without --force. The input is never touched.
//   - Secrets are never an argument: others can read the arguments.
//
// The exit codes are an interface like any other; see [Exit].
package cli
