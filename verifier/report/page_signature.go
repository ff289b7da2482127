package report

import (
	"strconv"
	"strings"
	"time"
)

// place is where on a page something stands.
type place struct {
	id    string
	level int // of its heading
}

func (w words) signature(s *Signature, at place, heading phrase) signaturePage {
	out := signaturePage{
		ID: at.id, Level: at.level, Heading: heading, Fields: w.facts(s), Claims: w.claims(s.Claims), Next: w.next(s),
		Notes: notesList(w, s.Notes), words: w,
	}
	for _, a := range s.Answers {
		out.Answers = append(out.Answers, answerLine{
			Question: w.Say("question." + string(a.Question)), Mark: w.mark(a.Mark), Sentence: w.answer(a),
		})
	}
	for _, c := range s.Chain {
		out.Chain = append(out.Chain, w.certificate(c))
	}
	for _, c := range s.Checks {
		out.Checks = append(out.Checks, w.check(c))
	}
	for _, e := range s.Evidence {
		out.Evidence = append(out.Evidence, w.evidence(e))
	}
	for i := range s.Timestamps {
		below := place{at.id + "-t" + strconv.Itoa(i+1), at.level + 2}
		out.Stamps = append(out.Stamps, w.nested(&s.Timestamps[i], below))
	}
	for i := range s.Counters {
		below := place{at.id + "-c" + strconv.Itoa(i+1), at.level + 2}
		out.Counters = append(out.Counters, w.nested(&s.Counters[i], below))
	}
	return out
}

func (w words) nested(s *Signature, at place) signaturePage {
	return w.signature(s, at, phrase{{Text: Printable(s.Name), Foreign: true}})
}

// answer is the sentence of an answer; one whose code no message has says its
// English text.
func (w words) answer(a Answer) phrase {
	if m, ok := lookup(a.Code); ok {
		return spans(string(w), m.in(string(w)), a.Args)
	}
	return phrase{{Text: Printable(a.Text), Foreign: true}}
}

// next is what to do: the sentence of the sub-indication.
func (w words) next(s *Signature) []string {
	if s.SubIndication == "" {
		return nil
	}
	return []string{w.Say("sub." + string(s.SubIndication))}
}

func (w words) facts(s *Signature) []field {
	out := fields{w: w}
	out.foreign("page.kind", s.Kind)
	out.add("page.status", strings.Join(nonEmpty([]string{
		s.Indication.String(), Printable(string(s.SubIndication)),
	}), ", "))
	out.add("page.algorithm", Printable(s.Algorithm))
	if s.Answers == nil && s.ClaimedTime != nil {
		out.moment("page.stamped", s.ClaimedTime)
	} else {
		out.moment("page.claimed", s.ClaimedTime)
	}
	out.moment("page.proven", s.BestTime)
	if s.Content != nil {
		out.add("page.content", Printable(s.Content.Algorithm+" "+s.Content.Value))
	}
	return out.list
}

func (w words) claims(claims []Claim) []field {
	var out []field
	for _, c := range claims {
		name := c.Name
		if c.Namespace != "" {
			name = c.Namespace + " / " + c.Name
		}
		out = append(out, field{Label: Printable(name), Value: Printable(c.Value), Foreign: true})
	}
	return out
}

func (w words) certificate(c Certificate) []field {
	out := fields{w: w}
	out.foreign("page.subject", c.Subject)
	out.foreign("page.issuer", c.Issuer)
	out.add("page.validity", clock(c.NotBefore)+" – "+clock(c.NotAfter))
	out.add("page.serial", Printable(c.Serial))
	out.named("SHA-256", Printable(c.SHA256))
	out.foreign("page.anchor", c.Anchor)
	return out.list
}

func (w words) check(c Check) checkLine {
	m, word := No, "label.failed"
	if c.Passed {
		m, word = Yes, "label.passed"
	}
	mark := w.mark(m)
	mark.Word = w.Say(word)
	what, ok := Text(string(w), "check."+c.ID)
	if !ok {
		what = Printable(c.ID)
	}
	return checkLine{
		Mark: mark, What: what, ID: Printable(c.ID), Clause: Printable(c.Clause), Sub: Printable(string(c.Sub)),
		Subject: Printable(c.Subject), Detail: Printable(c.Detail),
	}
}

func (w words) evidence(e Evidence) []field {
	out := fields{w: w}
	kind, ok := Text(string(w), "evidence."+string(e.Kind))
	if !ok {
		kind = Printable(string(e.Kind))
	}
	out.add("page.kind", kind)
	out.foreign("page.about", e.About)
	out.foreign("page.issuer", e.Issuer)
	var made []string
	if e.Made != nil {
		made = append(made, clock(*e.Made))
	}
	if e.Until != nil {
		made = append(made, w.Say("evidence.until", e.Until.UTC().Format(time.RFC3339)))
	}
	if e.Revoked != nil {
		made = append(made, w.Say("evidence.revoked", e.Revoked.UTC().Format(time.RFC3339)))
	}
	out.add("page.made", strings.Join(made, "; "))
	out.moment("page.proven", e.Proven)
	out.add("page.origin", w.origin(e))
	out.named("SHA-256", Printable(e.SHA256))
	return out.list
}

func (w words) origin(e Evidence) string {
	at := ""
	if e.Fetched != nil {
		at = e.Fetched.UTC().Format(time.RFC3339)
	}
	if text, ok := Text(string(w), "origin."+string(e.Origin), at, e.URL); ok {
		return text
	}
	return Printable(string(e.Origin))
}
