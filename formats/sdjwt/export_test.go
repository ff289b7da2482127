package sdjwt

import (
	"bytes"
	"encoding/json"

	"tamga/formats/internal/jose"
)

// Processed returns the processed payload (RFC 9901 §7.1) as package json
// would decode it, with numbers as they were written, and the fatal defects
// that were found on the way.
func Processed(data []byte) (any, []string, error) {
	r := &reading{}
	if err := r.split(data); err != nil {
		return nil, nil, err
	}
	if err := r.payload(); err != nil {
		return nil, nil, err
	}
	var fatal []string
	for _, d := range r.defects {
		if d.Fatal {
			fatal = append(fatal, d.Text)
		}
	}
	return plain(r.claims), fatal, nil
}

func plain(v *jose.Value) any {
	switch v.Kind {
	case '{':
		out := map[string]any{}
		for i := range v.Members {
			out[v.Members[i].Name] = plain(&v.Members[i].Value)
		}
		return out
	case '[':
		out := make([]any, len(v.Items))
		for i := range v.Items {
			out[i] = plain(&v.Items[i])
		}
		return out
	case '"':
		return v.Text
	case '0':
		return json.Number(v.Text)
	}
	return map[byte]any{'t': true, 'f': false, 'n': nil}[byte(v.Kind)]
}

// Decode reads JSON to compare with, numbers as they were written.
func Decode(text []byte) (out any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return out, dec.Decode(&out)
}
