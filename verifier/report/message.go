package report

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// A message says one thing in every language. Its arguments stand as {1}, {2};
// {1:time} is a moment given in RFC 3339, and {1:n|byte|bytes} the number with
// the word in the form that belongs to it, forms as in [pluralForms].
type message struct{ en, uk, et string }

// Languages lists the languages of all messages, the default first.
func Languages() []string { return []string{"en", "uk", "et"} }

// pluralForms are the forms of a counted word, in the order in which messages
// give them. Which number takes which is the Unicode CLDR's, by x/text.
var pluralForms = map[string]struct {
	tag   language.Tag
	forms []plural.Form
}{
	"en": {language.English, []plural.Form{plural.One, plural.Other}},
	"uk": {language.Ukrainian, []plural.Form{plural.One, plural.Few, plural.Many}},
	"et": {language.Estonian, []plural.Form{plural.One, plural.Other}},
}

func (m message) in(lang string) string {
	switch lang {
	case "uk":
		return m.uk
	case "et":
		return m.et
	}
	return m.en
}

// tables are all messages, by code.
var tables = []map[string]message{
	wordMessages, pageMessages, explainMessages, answerMessages, answerMessagesInForce, checkMessages,
	subIndicationMessages, indicationMessages, noteMessages,
}

func lookup(code string) (message, bool) {
	for _, t := range tables {
		if m, ok := t[code]; ok {
			return m, true
		}
	}
	return message{}, false
}

// Codes lists the codes of all messages, in no order.
func Codes() []string {
	var out []string
	for _, t := range tables {
		for code := range t {
			out = append(out, code)
		}
	}
	return out
}

// Text returns a message in a language ("" and unknown ones are English), its
// arguments filled in and made [Printable]. It reports false for a code that
// no message has, and returns the code.
func Text(lang, code string, args ...string) (string, bool) {
	m, ok := lookup(code)
	if !ok {
		return code, false
	}
	return fill(lang, m.in(lang), args), true
}

// NewAnswer returns the answer with its English text.
func NewAnswer(q Question, m Mark, code string, args ...string) Answer {
	text, _ := Text("en", code, args...)
	return Answer{Question: q, Mark: m, Code: code, Args: args, Text: text}
}

// fill replaces the {…} of a message. What is no argument stays as it is.
func fill(lang, text string, args []string) string {
	if len(args) == 0 && !strings.Contains(text, "{") {
		return text
	}
	return spans(lang, text, args).String()
}

// span is a stretch of a sentence. What strangers wrote stands apart, so that
// its direction of writing cannot turn the words around it.
type span struct {
	Text    string
	Foreign bool
}

type phrase []span

// String returns the words alone.
func (p phrase) String() string {
	size := 0
	for _, s := range p {
		size += len(s.Text)
	}
	var b strings.Builder
	b.Grow(size)
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

func spans(lang, text string, args []string) phrase {
	out := make(phrase, 0, 2*len(args)+1)
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			break
		}
		out = append(out, span{Text: text[:open]}, argument(lang, text[open+1:open+end], args))
		text = text[open+end+1:]
	}
	return append(out, span{Text: text})
}

func argument(lang, spec string, args []string) span {
	number, how, _ := strings.Cut(spec, ":")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(args) {
		return span{Text: "{" + spec + "}"}
	}
	arg := args[n-1]
	switch kind, forms, _ := strings.Cut(how, "|"); kind {
	case "time":
		if at, err := time.Parse(time.RFC3339, arg); err == nil {
			return span{Text: clock(at)}
		}
	case "n":
		return span{Text: Printable(arg) + " " + counted(lang, arg, strings.Split(forms, "|"))}
	}
	return span{Text: Printable(arg), Foreign: true}
}

// clock shows a moment with its zone, the same in every language.
func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// counted picks the form of a word that belongs to a number.
func counted(lang, number string, forms []string) string {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 {
		return forms[len(forms)-1]
	}
	rules, ok := pluralForms[lang]
	if !ok {
		rules = pluralForms["en"]
	}
	got := plural.Cardinal.MatchPlural(rules.tag, int(n%10_000_000), 0, 0, 0, 0)
	for i, f := range rules.forms {
		if f == got && i < len(forms) {
			return forms[i]
		}
	}
	return forms[len(forms)-1]
}

// Printable returns s so that a terminal or a page shows what it says: control
// characters, marks that reverse or hide text (bidirectional controls, zero
// widths, line separators) and spaces that only look like one are escaped as
// \u{202E}, and a name that is not UTF-8 is quoted, its bytes as \xff.
func Printable(s string) string {
	if !utf8.ValidString(s) {
		return quoteBytes(s)
	}
	plain := true
	for _, r := range s {
		plain = plain && shown(r)
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if shown(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(`\u{` + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + "}")
		}
	}
	return b.String()
}

func shown(r rune) bool { return r == ' ' || unicode.IsPrint(r) }

func quoteBytes(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteString(`\x` + strconv.FormatInt(int64(s[i])|0x100, 16)[1:])
		} else {
			b.WriteString(Printable(string(r)))
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}
