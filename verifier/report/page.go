package report

import (
	"strconv"
	"strings"
	"time"
)

// Options is how a report is written for people as a page.
type Options struct {
	Lang string // "en", "uk" or "et"; "" is English
}

// page is a report made ready for people, the same for HTML and PDF: every word
// in its language, every name printable, nothing left to judge.
type page struct {
	Lang       string
	Title      string
	Name       string
	Mark       markWord // of the verdict
	Status     string
	Sentence   string
	Empty      string // in place of signatures
	Signatures []signaturePage
	Context    []field
	Fetched    [][]field
	Notes      list
	words      words
}

// words says messages in one language.
type words string

// Say returns a message by its code; templates use it for headings.
func (w words) Say(code string, args ...string) string {
	s, ok := Text(string(w), code, args...)
	if !ok {
		return Printable(s)
	}
	return s
}

// Say is the words of the page.
func (p *page) Say(code string, args ...string) string { return p.words.Say(code, args...) }

// markWord is an answer as symbol and word, which never stand alone.
type markWord struct {
	Class string // yes, no, unknown
	Sign  string
	Word  string
}

// field is a name and its value.
type field struct {
	Label   string
	Value   string
	Foreign bool // a stranger wrote the value
}

type list struct {
	Code    string // of the heading
	Heading string
	Items   []string
}

type answerLine struct {
	Question string
	Mark     markWord
	Sentence phrase
}

type checkLine struct {
	Mark    markWord
	What    string
	ID      string
	Clause  string
	Sub     string
	Subject string
	Detail  string
}

type signaturePage struct {
	ID       string // unique on the page
	Level    int    // of its heading
	Heading  phrase
	Fields   []field
	Answers  []answerLine
	Next     []string
	Claims   []field
	Chain    [][]field
	Checks   []checkLine
	Evidence [][]field
	Notes    list
	Stamps   []signaturePage
	Counters []signaturePage
	words    words
}

// pageOf makes the page of a report. Languages that no message has are English.
func pageOf(r *Report, opts Options) *page {
	w := words("en")
	for _, known := range Languages() {
		if known == opts.Lang {
			w = words(known)
		}
	}
	mark := map[Status]Mark{Valid: Yes, NotValid: No}[r.Verdict.Status]
	status := string(r.Verdict.Status)
	p := &page{
		Lang: string(w), Title: w.Say("page.title"), Name: Printable(r.Document.Name), words: w,
		Mark: w.mark(mark), Status: w.Say("status." + status),
		Sentence: w.Say(r.Verdict.sentence(), strconv.Itoa(len(r.Verdict.Signatures))),
	}
	for i := range r.Verdict.Signatures {
		s := &r.Verdict.Signatures[i]
		name := "label.signature"
		text, _ := lookup(name)
		heading := spans(string(w), text.in(string(w)),
			[]string{strconv.Itoa(i + 1), strconv.Itoa(len(r.Verdict.Signatures)), s.Name})
		p.Signatures = append(p.Signatures, w.signature(s, place{"s" + strconv.Itoa(i+1), 2}, heading))
	}
	if r.Verdict.Status == NotSigned {
		p.Empty = w.Say("page.empty")
	}
	p.Context = w.context(r)
	for _, f := range r.Context.Fetched {
		p.Fetched = append(p.Fetched, w.fetched(f))
	}
	p.Notes = notesList(w, r.Document.Notes)
	return p
}

func notesList(w words, notes []Note) list {
	out := list{Code: "label.notes", Heading: w.heading("label.notes")}
	for _, n := range notes {
		out.Items = append(out.Items, n.In(string(w)))
	}
	return out
}

// heading is a message without the colon that it has before a list.
func (w words) heading(code string) string { return strings.TrimSuffix(w.Say(code), ":") }

func (w words) mark(m Mark) markWord {
	switch m {
	case Yes, No:
		return markWord{string(m), sign(m), w.Say("mark." + string(m))}
	}
	return markWord{string(Unknown), sign(Unknown), w.Say("mark." + string(Unknown))}
}

func (w words) context(r *Report) []field {
	out := fields{w: w}
	out.foreign("page.file", r.Document.Name)
	out.add("page.size", w.Say("page.bytes", strconv.FormatInt(r.Document.Size, 10)))
	out.named("SHA-256", Printable(r.Document.SHA256))
	out.foreign("page.format", strings.Join(nonEmpty([]string{r.Document.Title, r.Document.Format}), ", "))
	out.foreign("page.beside", strings.Join(r.Document.Detached, ", "))
	out.add("page.time", clock(r.Context.Time))
	out.add("page.policy", strings.Join(nonEmpty([]string{
		Printable(r.Context.Policy), Printable(r.Context.PolicySHA256),
	}), ", SHA-256 "))
	out.add("page.tool", Printable(r.Context.Tool))
	out.add("page.signers", strconv.Itoa(r.Verdict.Signers))
	return out.list
}

func (w words) fetched(f Fetched) []field {
	out := fields{w: w}
	kind, ok := Text(string(w), "evidence."+f.Kind)
	if !ok {
		kind = Printable(f.Kind)
	}
	out.add("page.kind", kind)
	out.foreign("page.origin", f.URL)
	out.add("page.asked", clock(f.Time))
	if f.Size > 0 {
		out.add("page.size", w.Say("page.bytes", strconv.FormatInt(f.Size, 10)))
	}
	out.add("SHA-256", Printable(f.SHA256))
	if f.Cached {
		out.add("page.cached", w.Say("mark.yes"))
	}
	out.foreign("page.error", f.Error)
	return out.list
}

// fields gathers what there is; what is empty is left out.
type fields struct {
	w    words
	list []field
}

func (f *fields) add(code, value string) { f.named(f.w.Say(code), value) }

// named adds a value whose label is the same in every language.
func (f *fields) named(label, value string) {
	if value != "" {
		f.list = append(f.list, field{Label: label, Value: value})
	}
}

func (f *fields) foreign(label, value string) {
	if value != "" {
		f.add(label, Printable(value))
		f.list[len(f.list)-1].Foreign = true
	}
}

func (f *fields) moment(label string, at *time.Time) {
	if at != nil {
		f.add(label, clock(*at))
	}
}
