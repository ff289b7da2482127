package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"
)

// maxPassword is more than any format takes (PDF: 127 bytes).
const maxPassword = 1024

// passwordHint is for documents that do not open.
const passwordHint = "name a file that holds its password with --password-file FILE, or - for standard input"

// passwordFlag adds --password-file. The password itself is never a flag: all
// users of a machine can see what others' commands were called with.
func passwordFlag(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "password-file", "",
		"the password of encrypted PDFs is in this `file`, - is standard input; also /dev/fd/3 and the like")
}

// readPassword reads what --password-file names, without the end of its line:
// blanks may be part of a password. Pipes pass, since shells make them of
// <(command). The password never stands in an error.
func readPassword(name string, stdin io.Reader) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	fail := func(err error, hint string) ([]byte, error) {
		err = fmt.Errorf("reading a password: %w", err)
		return nil, &failure{code: ExitFailed, file: name, err: err, hint: hint}
	}
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fail(plainCause(err), "")
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPassword+3))
	if err != nil {
		return fail(plainCause(err), "")
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	const hint = "write the password and nothing else into it"
	switch {
	case len(text) == 0:
		return fail(errors.New("nothing is there"), hint)
	case len(text) > maxPassword:
		return fail(fmt.Errorf("longer than %d bytes", maxPassword), hint)
	case bytes.ContainsAny(text, "\r\n"):
		return fail(errors.New("more than one line"), hint)
	}
	return text, nil
}
