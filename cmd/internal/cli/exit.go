package cli

import (
	"errors"
	"slices"

	"tamga/verifier/report"
)

// Exit is the status that the process ends with.
type Exit int

// The exit codes. Success is set once, at the end; the default is failure.
const (
	ExitOK          Exit = 0 // every input is signed, and all required checks passed
	ExitFailed      Exit = 1 // usage, configuration or internal error
	ExitNotValid    Exit = 2 // changed, or revoked before signing
	ExitCannotTell  Exit = 3 // nothing failed, but something could not be checked
	ExitNotSigned   Exit = 4 // there is no signature
	ExitNotReadable Exit = 5 // no document of a format that we know
	ExitInterrupted Exit = 6 // stopped before the end; can be run again
)

// severity orders the codes for a batch, mildest first. What a caller must not
// miss comes last: a run that broke down says less than a forgery it found.
var severity = []Exit{
	ExitOK, ExitCannotTell, ExitNotSigned, ExitNotReadable, ExitFailed, ExitNotValid, ExitInterrupted,
}

// worst returns the code that stands for the whole batch; an empty batch is
// no success.
func worst(codes []Exit) Exit {
	if len(codes) == 0 {
		return ExitFailed
	}
	return slices.MaxFunc(codes, func(a, b Exit) int {
		return slices.Index(severity, a) - slices.Index(severity, b)
	})
}

// exitOf translates a verdict; one that we do not know is no success.
func exitOf(status report.Status) Exit {
	switch status {
	case report.Valid:
		return ExitOK
	case report.NotValid:
		return ExitNotValid
	case report.CannotTell:
		return ExitCannotTell
	case report.NotSigned:
		return ExitNotSigned
	}
	return ExitFailed
}

// failure is an error that knows how the process shall end, and what its
// reader can do next.
type failure struct {
	code Exit
	file string // whose fault it is, "" if none
	err  error
	hint string
}

func (f *failure) Error() string {
	if f.file == "" {
		return f.err.Error()
	}
	return show(f.file) + ": " + f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is an error of whoever typed the command.
func usage(text, hint string) error {
	return &failure{code: ExitFailed, err: errors.New(text), hint: hint}
}

// about says which file an error is about; what already says so stays.
func about(file string, err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		if f.file == "" {
			f.file = file
		}
		return f
	}
	return &failure{code: ExitFailed, file: file, err: err}
}
