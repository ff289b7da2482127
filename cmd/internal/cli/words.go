package cli

import (
	"crypto/x509"
	"errors"
	"io"
	"slices"
	"strings"

	"tamga/formats"
)

// languages that verdicts are written in.
var languages = []string{"en", "uk", "et"}

// language returns the one that was asked for, or that of the locale, or
// English.
func (a *app) language(asked string) (string, error) {
	if asked != "" {
		if !slices.Contains(languages, asked) {
			return "", usage("this language is not known", "the languages are "+strings.Join(languages, ", "))
		}
		return asked, nil
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := a.Getenv(name); locale != "" {
			if lang := strings.ToLower(locale[:min(2, len(locale))]); slices.Contains(languages, lang) {
				return lang, nil
			}
			break // the first that is set decides
		}
	}
	return "en", nil
}

// colour reports whether stdout may be coloured (no-color.org).
func (a *app) colour(no bool) bool {
	return !no && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" && terminal(a.Stdout)
}

// asRead marks an error as one of the document, if it is.
func asRead(err error) error {
	if _, ok := errors.AsType[*failure](err); ok {
		return err
	}
	for _, cause := range []error{
		formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported, formats.ErrNotRecognised,
		io.ErrUnexpectedEOF,
	} {
		if !errors.Is(err, cause) {
			continue
		}
		f := &failure{code: ExitNotReadable, err: err}
		if errors.Is(err, formats.ErrPassword) {
			f.hint = passwordHint
		}
		return f
	}
	return err
}

// commonName is how people call whom a certificate is for.
func commonName(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
