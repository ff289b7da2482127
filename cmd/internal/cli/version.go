package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version returns the module's version, as the go command recorded it: a tag
// if it was installed by one, "devel" if it was built from a folder.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// tool names us in reports.
func tool() string { return "tamga " + version() }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := fmt.Fprintf(a.Stdout, "%s (%s, %s/%s)\n",
				tool(), runtime.Version(), runtime.GOOS, runtime.GOARCH); err != nil {
				return err
			}
			a.exit = ExitOK
			return nil
		},
	}
}
