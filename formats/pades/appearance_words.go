package pades

import (
	"crypto/x509"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// words are what an appearance says in one language.
type words struct {
	signed, time, reason, location string
	layout                         string // of a time
}

var languages = map[string]words{
	"en": {"Digitally signed by", "Time", "Reason", "Location", "2006-01-02 15:04:05 UTC"},
	"uk": {"Підписано електронним підписом:", "Час", "Підстава", "Місце", "02.01.2006 15:04:05 UTC"},
	"et": {"Digitaalselt allkirjastanud", "Aeg", "Põhjus", "Koht", "02.01.2006 15:04:05 UTC"},
}

// wordsOf returns the words of a language, English if there is none.
func wordsOf(language string) words {
	if w, ok := languages[language]; ok {
		return w
	}
	return languages["en"]
}

// maxShown bounds a text that is shown, in letters.
const maxShown = 500

// lines returns what the text of an appearance says. The name is that of the
// certificate; what somebody wrote into /Name is not shown.
func (b *building) lines() ([]line, error) {
	if l := b.pr.Appearance.Language; l != "" && languages[l].signed == "" {
		return nil, fmt.Errorf("no words for the language %q, only en, uk and et: %w", printable(l),
			ErrWish)
	}
	w := wordsOf(b.pr.Appearance.Language)
	out := []line{{w.signed, 1}}
	name := signerName(b.p.Chain)
	if name == "" {
		return nil, fmt.Errorf("the certificate names nobody who could be shown: show no text: %w",
			ErrWish)
	}
	out = append(out, line{name, nameScale}, line{w.time + ": " + b.p.Time.UTC().Format(w.layout), 1})
	for _, more := range []struct{ word, text string }{{w.reason, b.pr.Reason}, {w.location, b.pr.Location}} {
		if more.text != "" {
			out = append(out, line{more.word + ": " + more.text, 1})
		}
	}
	for i := range out {
		out[i].text = strings.Join(strings.Fields(norm.NFC.String(out[i].text)), " ")
		if len([]rune(out[i].text)) > maxShown {
			return nil, fmt.Errorf("a text of more than %d letters to be shown: %w", maxShown, ErrWish)
		}
	}
	return out, nil
}

// signerName returns how the signer's certificate names its subject.
func signerName(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return ""
	}
	s := chain[0].Subject
	if s.CommonName != "" {
		return s.CommonName
	}
	if len(s.Organization) > 0 {
		return s.Organization[0]
	}
	return ""
}
