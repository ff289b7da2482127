package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tamga/cmd/internal/config"
	"tamga/cmd/internal/request"
)

// Env is all of the world that a command sees.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Args   []string // without the program's name
	Getenv func(string) string
	Now    func() time.Time
}

// app is one run of the program.
type app struct {
	Env
	dataDir string
	exit    Exit // set once, by the command that came to its end
}

// Run runs one command to its end and returns the exit code. A context that
// is done stops it. A panic ends as any other failure: the code that Go would
// end with means "not valid" here.
func Run(ctx context.Context, env Env) (code int) {
	a := &app{Env: env, exit: ExitFailed}
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(a.Stderr, "tamga: internal error: %v\n%s", p, debug.Stack())
			a.hint("this is a defect of tamga; please report it with the lines above")
			code = int(ExitFailed)
		}
	}()
	root := a.root()
	root.SetContext(ctx)
	if err := root.ExecuteContext(ctx); err != nil {
		return int(a.fail(ctx, err))
	}
	return int(a.exit)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tamga",
		Short: "Issue, sign and verify e-documents",
		Long: `Tamga issues, signs and verifies e-documents: PDF (PAdES), any file (CAdES),
ISO mdoc and SD-JWT VC identity documents.

Begin with:
  tamga serve --dev                    makes test keys, and serves
  tamga sign contract.pdf
  tamga verify contract.signed.pdf

The data folder holds keys, certificates and settings. It is --data, or
$TAMGA_DATA, or the system's place for your data (~/.local/share/tamga).`,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error {
			a.exit = ExitOK
			return c.Help()
		},
		Args: cobra.NoArgs,
	}
	root.PersistentFlags().StringVar(&a.dataDir, "data", "", "data `folder`")
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err.Error(), "see "+c.CommandPath()+" --help")
	})
	root.AddCommand(a.serveCommand(), a.signCommand(), a.extendCommand(), a.renewCommand(), a.issueCommand(),
		a.verifyCommand(), a.trustCommand(), a.policyCommand(), a.explainCommand(),
		a.schemaCommand(), a.inspectCommand(), a.versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	a.succeedOnHelp(root)
	return root
}

// succeedOnHelp lets the commands that cobra brings end well.
func (a *app) succeedOnHelp(c *cobra.Command) {
	help := c.HelpFunc()
	c.SetHelpFunc(func(c *cobra.Command, args []string) {
		a.exit = ExitOK
		help(c, args)
	})
	for _, sub := range c.Commands() {
		if sub.Name() == "completion" {
			for _, shell := range sub.Commands() {
				shell.PostRun = func(*cobra.Command, []string) { a.exit = ExitOK }
			}
		}
	}
}

// files demands at least one file.
func files(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("no file given", "see "+c.CommandPath()+" --help")
	}
	return nil
}

// settings loads the data folder, or says how to make one.
func (a *app) settings() (*config.Settings, error) {
	dir, err := a.data()
	if err != nil {
		return nil, err
	}
	s, err := config.Load(dir)
	if errors.Is(err, config.ErrNoData) {
		return nil, &failure{code: ExitFailed, err: err,
			hint: "run `tamga serve --dev` once to make test keys there, or name another folder with --data"}
	}
	if err != nil {
		return nil, &failure{code: ExitFailed, err: err}
	}
	return s, nil
}

func (a *app) data() (string, error) {
	if a.dataDir != "" {
		return a.dataDir, nil
	}
	return config.DefaultDir(a.Getenv)
}

// fail prints err and returns the code that the process shall end with.
func (a *app) fail(ctx context.Context, err error) Exit {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.Stderr, "tamga: interrupted; nothing was left half done")
		return ExitInterrupted
	}
	code, hint := ExitFailed, ""
	if f, ok := errors.AsType[*failure](err); ok {
		code, hint = f.code, f.hint
	}
	if m, ok := errors.AsType[*request.Error](err); ok && hint == "" {
		hint = m.Hint
	}
	fmt.Fprintln(a.Stderr, "tamga: "+oneLine(err.Error()))
	a.hint(hint)
	return code
}

func (a *app) hint(text string) {
	if text != "" {
		fmt.Fprintln(a.Stderr, "  hint: "+oneLine(text))
	}
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
