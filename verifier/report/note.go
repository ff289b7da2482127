package report

import "strings"

// Note is something worth knowing that decides nothing. Code and Args carry it
// in every language; Text is the English.
type Note struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
	Text string   `json:"text"`
}

// NewNote returns the note with its English text.
func NewNote(code string, args ...string) Note {
	text, _ := Text("en", code, args...)
	return Note{Code: code, Args: args, Text: strings.TrimSpace(text)}
}

// In returns the note in a language; one whose code no message has says its
// English text.
func (n Note) In(lang string) string {
	if text, ok := Text(lang, n.Code, n.Args...); ok {
		return strings.TrimSpace(text)
	}
	return Printable(n.Text)
}
