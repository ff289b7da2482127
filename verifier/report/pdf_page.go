package report

import "strings"

// all sets the whole page.
func (s *sheet) all(p *page) {
	whole := columns(margin, 1)
	s.row(whole, []paragraph{{text: p.Title, look: faint}, {text: p.Name, look: look{16, true, ink}}})
	s.space(3, 0)
	s.verdict(p)
	for i := range p.Signatures {
		s.signature(&p.Signatures[i], margin)
	}
	s.heading(margin, 2, p.Say("page.context"))
	s.fields(margin, p.Context)
	if len(p.Fetched) > 0 {
		s.heading(margin, 3, p.Say("page.fetched"))
		s.cards(margin, p.Fetched)
	}
	s.notes(margin, p.Notes)
	s.space(4, 5)
	s.row(whole, []paragraph{{text: p.Say("page.accessible"), look: small}})
}

func (s *sheet) verdict(p *page) {
	color := markColors[p.Mark.Class]
	start, pageNo := s.GetY(), s.PageNo()
	inner := columns(margin+6, 1)
	big := look{15, true, color}
	said := []paragraph{
		{text: p.Say("page.verdict"), look: faint}, {text: p.Status, look: big, mark: p.Mark.Class},
		{text: p.Sentence, look: plain},
	}
	if p.Empty != "" {
		said = append(said, paragraph{text: p.Empty, look: plain})
	}
	s.row(inner, said)
	if s.PageNo() == pageNo {
		s.SetFillColor(color[0], color[1], color[2])
		s.Rect(margin, start-1, 2.2, s.GetY()-start+2, "F")
	}
	s.space(2, 0)
}

var headingLooks = []look{{13, true, ink}, {11, true, ink}, {10, true, ink}}

// heading is one of a level, 2 the highest.
func (s *sheet) heading(x float64, level int, text string) {
	l := headingLooks[min(max(level-2, 0), len(headingLooks)-1)]
	s.space(l.size*0.4, 18)
	s.row(columns(x, 1), []paragraph{{text: text, look: l}})
	s.space(0.8, 0)
}

func (s *sheet) signature(sig *signaturePage, x float64) {
	s.heading(x, sig.Level, sig.Heading.String())
	s.answers(sig, x)
	for _, next := range sig.Next {
		s.heading(x, sig.Level+1, sig.Say("page.next"))
		s.row(columns(x, 1), []paragraph{{text: next, look: plain}})
	}
	if len(sig.Claims) > 0 {
		s.heading(x, sig.Level+1, sig.Say("page.claims"))
		s.fields(x, sig.Claims)
	}
	s.space(1.5, 0)
	s.fields(x, sig.Fields)
	if len(sig.Chain) > 0 {
		s.heading(x, sig.Level+1, sig.Say("page.chain"))
		s.cards(x, sig.Chain)
	}
	s.checks(sig, x)
	if len(sig.Evidence) > 0 {
		s.heading(x, sig.Level+1, sig.Say("page.evidence"))
		s.cards(x, sig.Evidence)
	}
	s.notes(x, sig.Notes)
	s.nested(sig, "page.stamps", sig.Stamps, x)
	s.nested(sig, "page.counters", sig.Counters, x)
}

// deepest is how far nested signatures are set in.
const deepest = margin + 24

func (s *sheet) nested(of *signaturePage, code string, list []signaturePage, x float64) {
	if len(list) == 0 {
		return
	}
	s.heading(x, of.Level+1, of.Say(code))
	for i := range list {
		s.signature(&list[i], min(x+6, deepest))
	}
}

func (s *sheet) answers(sig *signaturePage, x float64) {
	if len(sig.Answers) == 0 {
		return
	}
	places := columns(x, 26, 17, 57)
	s.row(places, []paragraph{{text: sig.Say("page.question"), look: small}},
		[]paragraph{{text: sig.Say("page.answer"), look: small}},
		[]paragraph{{text: sig.Say("page.words"), look: small}})
	s.rule(x)
	for _, a := range sig.Answers {
		s.row(places, []paragraph{{text: a.Question, look: strong}}, []paragraph{marked(a.Mark)},
			[]paragraph{{text: a.Sentence.String(), look: plain}})
		s.rule(x)
	}
}

func (s *sheet) checks(sig *signaturePage, x float64) {
	if len(sig.Checks) == 0 {
		return
	}
	s.heading(x, sig.Level+1, sig.Say("page.checks"))
	places := columns(x, 19, 55, 26)
	s.row(places, []paragraph{{text: sig.Say("page.result"), look: small}},
		[]paragraph{{text: sig.Say("page.check"), look: small}},
		[]paragraph{{text: sig.Say("page.clause"), look: small}})
	s.rule(x)
	for _, c := range sig.Checks {
		asked := []paragraph{{text: c.What, look: plain}}
		if c.Sub != "" {
			asked = append(asked, paragraph{text: c.Sub, look: small})
		}
		if detail := strings.Join(nonEmpty([]string{c.Subject, c.Detail}), ": "); detail != "" {
			asked = append(asked, paragraph{text: detail, look: small})
		}
		s.row(places, []paragraph{marked(c.Mark)}, asked,
			[]paragraph{{text: c.Clause, look: plain}, {text: c.ID, look: small}})
		s.rule(x)
	}
}

// marked is a mark with its word.
func marked(m markWord) paragraph {
	return paragraph{text: m.Word, look: look{9.5, true, markColors[m.Class]}, mark: m.Class}
}

func (s *sheet) fields(x float64, list []field) {
	places := columns(x, 26, 74)
	for _, f := range list {
		s.row(places, []paragraph{{text: f.Label, look: faint}}, []paragraph{{text: f.Value, look: plain}})
	}
}

// cards are lists of fields, a line between them.
func (s *sheet) cards(x float64, list [][]field) {
	for i, fields := range list {
		if i > 0 {
			s.rule(x)
		}
		s.fields(x, fields)
	}
}

func (s *sheet) notes(x float64, notes list) {
	if len(notes.Items) == 0 {
		return
	}
	s.heading(x, 3, notes.Heading)
	for _, item := range notes.Items {
		s.row(columns(x, 1), []paragraph{{text: "– " + item, look: plain}})
	}
}
