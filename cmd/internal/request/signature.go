package request

import (
	"fmt"
	"path/filepath"
	"strings"

	"tamga/formats"
	"tamga/formats/pades"
)

// Signature is the wish for a signature on a file, as words.
type Signature struct {
	Format string // "pades", "cades"; "": PAdES for a PDF, an error otherwise
	Level  string // "B-B", "B-T", "B-LT", "B-LTA"; "": B-T
	PDF    PDF
	CMS    CMS
}

// Resolve returns who prepares the signature, and its level. It looks at the
// first bytes of in only if no format is named.
func (s Signature) Resolve(in formats.Input) (formats.Preparer, formats.Level, error) {
	level, err := s.level()
	if err != nil {
		return nil, "", err
	}
	format := formats.ID(strings.ToLower(s.Format))
	if format == "" && s.CMS.implied() {
		format = formats.CAdES
	}
	if format == "" {
		if format, err = guess(in); err != nil {
			return nil, "", err
		}
	}
	switch format {
	case formats.PAdES:
		if !s.CMS.empty() {
			return nil, "", &Error{"attached, parallel, counter, commitment, role, policy and content time-stamps belong to CMS signatures",
				"leave them out, or sign the PDF as cades"}
		}
		preparer, err := s.PDF.preparer()
		if err != nil {
			return nil, "", err
		}
		return preparer, level, nil
	case formats.CAdES:
		if !s.PDF.empty() {
			return nil, "", &Error{"field, reason, place and what is seen or locked belong to PDF signatures",
				"leave them out, or sign a PDF as pades"}
		}
		preparer, err := s.CMS.preparer()
		if err != nil {
			return nil, "", err
		}
		return preparer, level, nil
	}
	return nil, "", &Error{"unknown signature format", "the formats are pades (PDF) and cades (any file)"}
}

func (s Signature) level() (formats.Level, error) {
	switch level := formats.Level(strings.ToUpper(s.Level)); level {
	case "":
		return formats.LevelT, nil
	case formats.LevelB, formats.LevelT, formats.LevelLT, formats.LevelLTA:
		return level, nil
	}
	return "", &Error{"unknown signature level",
		"the levels are B-B, B-T (with a time-stamp), B-LT and B-LTA (which last)"}
}

// ExtendLevel reads the level that signatures shall be lifted to: T, LT or LTA,
// with or without "B-".
func ExtendLevel(text string) (formats.Level, error) {
	level := formats.Level("B-" + strings.TrimPrefix(strings.ToUpper(text), "B-"))
	switch level {
	case formats.LevelT, formats.LevelLT, formats.LevelLTA:
		return level, nil
	}
	return "", &Error{"unknown level to extend to", "the levels are T (with a time-stamp), LT and LTA (which last)"}
}

// guess takes a PDF for one to be signed as PAdES. Nothing else is guessed: a
// signature beside a file is not what everybody expects.
func guess(in formats.Input) (formats.ID, error) {
	p, err := formats.Recognise([]formats.Parser{pades.Parser{}}, in)
	if err == nil {
		return p.ID(), nil
	}
	return "", &Error{fmt.Sprintf("not a PDF, so how to sign it must be said (%v)", err),
		"choose the format cades: it signs any file, and puts the signature beside it"}
}

// SignedName returns the name of the result of signing a file called name:
// contract.pdf becomes contract.signed.pdf, anything detached gets ".p7s".
func SignedName(name string, id formats.ID) string {
	if id == formats.PAdES {
		ext := filepath.Ext(name)
		return strings.TrimSuffix(name, ext) + ".signed" + ext
	}
	return name + ".p7s"
}

// MediaType returns the registered type of a signed document.
func MediaType(id formats.ID) string {
	switch id {
	case formats.PAdES:
		return "application/pdf"
	case formats.CAdES:
		return "application/pkcs7-signature" // RFC 8551 §3.2.1, detached
	case formats.Mdoc:
		return "application/cbor" // IssuerSigned has no type of its own
	case formats.SDJWT:
		return "application/dc+sd-jwt"
	}
	return "application/octet-stream"
}
