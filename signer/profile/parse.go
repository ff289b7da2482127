package profile

import (
	"bytes"
	"errors"
	"fmt"

	toml "github.com/pelletier/go-toml/v2"
)

// maxFile bounds a document type's file.
const maxFile = 256 << 10

// file is a document type as an operator writes it; eu/pid.toml explains it.
type file struct {
	Name     string            `toml:"name"`
	Display  map[string]string `toml:"display"`
	Validity string            `toml:"validity"`
	Formats  []string          `toml:"formats"`
	Mdoc     struct {
		DocType   string `toml:"doctype"`
		Namespace string `toml:"namespace"`
	} `toml:"mdoc"`
	SDJWT struct {
		VCT string `toml:"vct"`
	} `toml:"sdjwt"`
	Claims []fileClaim `toml:"claim"`
}

type fileClaim struct {
	Name     string       `toml:"name"`
	Type     string       `toml:"type"`
	List     bool         `toml:"list"`
	Required bool         `toml:"required"`
	Past     bool         `toml:"past"`
	Fill     string       `toml:"fill"`
	Max      int          `toml:"max"`
	Values   []int64      `toml:"values"`
	Mdoc     string       `toml:"mdoc"`
	SDJWT    string       `toml:"sdjwt"`
	Disclose string       `toml:"disclose"`
	Members  []fileMember `toml:"member"`
}

// fileMember is a claim inside of an object: it has no members, and no place
// of its own.
type fileMember struct {
	Name     string `toml:"name"`
	Type     string `toml:"type"`
	Required bool   `toml:"required"`
	Max      int    `toml:"max"`
}

// Parse reads a document type and checks it. The error tells everything that
// is wrong, each with the claim that it is about.
func Parse(data []byte) (*Type, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("reading a document type of %d bytes: more than %d", len(data), maxFile)
	}
	var f file
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("reading a document type: %w", explain(err))
	}
	t, faults := build(&f)
	if len(faults) > 0 {
		return nil, fmt.Errorf("document type %q: %w", f.Name, errors.Join(faults...))
	}
	return t, nil
}

// explain adds to the decoder's error the line that it is about.
func explain(err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		first := strict.Errors[0]
		row, _ := first.Position()
		return fmt.Errorf("line %d: unknown key %q", row, joinKey(first.Key()))
	}
	if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, col := decode.Position()
		return fmt.Errorf("line %d, column %d: %w", row, col, err)
	}
	return err
}

func joinKey(key toml.Key) string {
	var out []byte
	for i, part := range key {
		if i > 0 {
			out = append(out, '.')
		}
		out = append(out, part...)
	}
	return string(out)
}
