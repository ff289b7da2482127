package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// TextOptions is how a report is shown to people.
type TextOptions struct {
	Lang    string // "en", "uk" or "et"; "" is English
	Verbose bool   // one line for each check, with its clause
	Color   bool   // in addition to mark and word, never instead
}

// WriteText shows r to people: the verdict, five lines for each signature, and
// what to do next where something is wrong. The error is that of w.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	t := &text{opts: opts}
	t.verdict(r)
	for i := range r.Verdict.Signatures {
		t.signature(&r.Verdict.Signatures[i], i+1, len(r.Verdict.Signatures))
	}
	if opts.Verbose {
		if r.Document.Title != "" {
			t.line(2, t.say("label.document", r.Document.Title))
		}
		writeNotes(t, 2, r.Document.Notes)
		t.line(2, t.say("label.judged", r.Context.Time.UTC().Format(time.RFC3339), r.Context.Policy))
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type text struct {
	opts TextOptions
	b    strings.Builder
}

func (t *text) say(code string, args ...string) string {
	return words(t.opts.Lang).Say(code, args...)
}

func (t *text) line(indent int, s string) {
	t.b.WriteString(strings.Repeat(" ", indent))
	t.b.WriteString(s)
	t.b.WriteByte('\n')
}

// verdict is the first line: "✓ contract.pdf: valid. 1 signature is good, …".
func (t *text) verdict(r *Report) {
	mark := map[Status]Mark{Valid: Yes, NotValid: No}[r.Verdict.Status]
	status := string(r.Verdict.Status)
	word := t.paint(mark, t.say("status."+status))
	sentence := t.say(r.Verdict.sentence(), strconv.Itoa(len(r.Verdict.Signatures)))
	t.line(0, fmt.Sprintf("%s %s: %s. %s", t.paint(mark, sign(mark)), Printable(r.Document.Name), word, sentence))
}

func (t *text) signature(s *Signature, n, of int) {
	indent := 2
	if of > 1 {
		t.line(2, t.say("label.signature", strconv.Itoa(n), strconv.Itoa(of), s.Name))
		indent = 4
	}
	t.answers(indent, s)
	if s.SubIndication != "" {
		t.line(indent, "→ "+t.say("sub."+string(s.SubIndication)))
	}
	if len(s.Claims) > 0 {
		t.line(indent, t.say("label.claims"))
		for _, c := range s.Claims {
			t.line(indent+2, claim(c))
		}
	}
	if t.opts.Verbose {
		t.details(indent, s)
		for i := range s.Timestamps {
			stamp := &s.Timestamps[i]
			t.line(indent, t.say("label.time-stamp", stamp.Name))
			t.details(indent+2, stamp)
		}
	}
}

// answers are the five lines: mark, question, word, sentence, in columns.
func (t *text) answers(indent int, s *Signature) {
	question, word := 0, 0
	for _, q := range Questions() {
		question = max(question, utf8.RuneCountInString(t.say("question."+string(q))))
	}
	for _, m := range []Mark{Yes, No, Unknown} {
		word = max(word, utf8.RuneCountInString(t.say("mark."+string(m))))
	}
	for _, a := range s.Answers {
		m := t.mark(a.Mark)
		sentence, known := Text(t.opts.Lang, a.Code, a.Args...)
		if !known {
			sentence = Printable(a.Text)
		}
		t.line(indent, fmt.Sprintf("%s %s  %s  %s", t.paint(a.Mark, sign(a.Mark)),
			pad(t.say("question."+string(a.Question)), question), t.paint(a.Mark, pad(m, word)), sentence))
	}
}

func (t *text) mark(m Mark) string {
	switch m {
	case Yes, No:
		return t.say("mark." + string(m))
	}
	return t.say("mark." + string(Unknown))
}

// details are what experts want: indication, certificates, checks and notes.
func (t *text) details(indent int, s *Signature) {
	head := []string{s.Kind, s.Algorithm, s.Indication.String(), string(s.SubIndication)}
	t.line(indent, Printable(strings.Join(nonEmpty(head), ", ")))
	if len(s.Chain) > 0 {
		t.line(indent, t.say("label.chain"))
		for _, c := range s.Chain {
			t.line(indent+2, Printable(fmt.Sprintf("%s, %s – %s", c.Subject,
				c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly))))
		}
	}
	t.line(indent, t.say("label.checks"))
	for _, c := range s.Checks {
		t.line(indent+2, t.check(c))
	}
	writeNotes(t, indent, s.Notes)
}

// check is one line: "✓ passed  the certificate is not revoked  [clause] detail".
func (t *text) check(c Check) string {
	mark, word := No, "label.failed"
	if c.Passed {
		mark, word = Yes, "label.passed"
	}
	out := fmt.Sprintf("%s %s: %s [%s]", t.paint(mark, sign(mark)), t.paint(mark, t.say(word)),
		t.say("check."+c.ID), c.Clause)
	if c.Sub != "" {
		out += " " + string(c.Sub)
	}
	if c.Subject != "" {
		out += " " + Printable(c.Subject) + ":"
	}
	if c.Detail != "" {
		out += " " + Printable(c.Detail)
	}
	return out
}

func writeNotes(t *text, indent int, list []Note) {
	if len(list) == 0 {
		return
	}
	t.line(indent, t.say("label.notes"))
	for _, n := range list {
		t.line(indent+2, "- "+n.In(t.opts.Lang))
	}
}

// sign is the mark as a letter, for those who see no colour.
func sign(m Mark) string {
	switch m {
	case Yes:
		return "✓"
	case No:
		return "✗"
	}
	return "?"
}

// paint adds a colour to a mark and its word.
func (t *text) paint(m Mark, s string) string {
	if !t.opts.Color {
		return s
	}
	color := "33" // yellow
	switch m {
	case Yes:
		color = "32"
	case No:
		color = "31"
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func claim(c Claim) string {
	name := c.Name
	if c.Namespace != "" {
		name = c.Namespace + " / " + c.Name
	}
	return Printable(name) + ": " + Printable(c.Value)
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

func nonEmpty(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
