package report

import (
	"slices"
	"strings"
)

// Explanation is what a code of a report means, in one language.
type Explanation struct {
	Code    string          // as reports carry it
	Kind    string          // "check", "sub-indication", "indication", "answer", "note", "status"
	Title   string          // the kind in words
	Meaning string          // what it says
	Action  string          // what to do
	Clause  string          // where it is written, "" if it is our own
	Reasons []SubIndication // of a check: what a "no" can mean
	Parent  Indication      // of a sub-indication: what it is a reason for
}

// advice is a sentence that says what is so, and one that says what to do.
type advice struct{ Meaning, Action string }

// adviceOf parts the two sentences of a reason.
func adviceOf(text string) advice {
	meaning, action, ok := strings.Cut(text, ". ")
	if !ok {
		return advice{Meaning: text}
	}
	return advice{meaning + ".", action}
}

// Explain returns what a code means: of a check, a sub-indication, a main
// indication, an answer, a note or a verdict. Letter case does not matter. It
// reports false for a code that no report carries.
func Explain(lang, code string) (Explanation, bool) {
	at := slices.IndexFunc(explainable, func(known string) bool { return strings.EqualFold(known, code) })
	if at < 0 {
		return Explanation{}, false
	}
	code = explainable[at]
	w := words(lang)
	out := Explanation{Code: code}
	switch {
	case has(subIndicationMessages, "sub."+code):
		a := adviceOf(w.Say("sub." + code))
		out.Kind, out.Meaning, out.Action = "sub-indication", a.Meaning, a.Action
		out.Clause, out.Parent = "EN 319 102-1 5.1.3", parent(SubIndication(code))
	case has(indicationMessages, "indication."+code):
		a := adviceOf(w.Say("indication." + code))
		out.Kind, out.Meaning, out.Action, out.Clause = "indication", a.Meaning, a.Action, "EN 319 102-1 5.1.3"
	case has(checkMessages, "check."+code):
		rule := checkRules[code]
		out.Kind, out.Clause, out.Reasons = "check", rule.clause, rule.reasons
		out.Meaning = w.Say("explain.asks", w.Say("check."+code))
		out.Action = w.Say("explain.read-reason")
	case has(wordMessages, "status."+code):
		out.Kind, out.Meaning = "status", w.Say("status."+code)+". "+w.Say("verdict."+code, "…")
	case has(noteMessages, code):
		out.Kind, out.Meaning = "note", strings.TrimSpace(w.Say(code, blanks...))
	default:
		out.Kind, out.Meaning, out.Action = "answer", w.Say(code, blanks...), w.Say("explain.read-next")
	}
	out.Title = w.Say("explain." + out.Kind)
	if out.Action == "" {
		out.Action = w.Say("explain.no-action")
	}
	return out, true
}

// blanks stand where a report names somebody, a time or a number.
var blanks = []string{"…", "…", "…", "…", "…"}

func has(table map[string]message, code string) bool {
	_, ok := table[code]
	return ok
}

// Explainable lists the codes that [Explain] knows, those of one kind together.
func Explainable() []string { return slices.Clone(explainable) }

// explainable is made once from the tables.
var explainable = slices.Concat(
	stripped(indicationMessages, "indication."), stripped(subIndicationMessages, "sub."),
	stripped(checkMessages, "check."), []string{"valid", "not-valid", "cannot-tell", "not-signed"},
	stripped(answerMessages, ""), stripped(answerMessagesInForce, ""), stripped(noteMessages, ""),
)

func stripped(table map[string]message, prefix string) []string {
	var out []string
	for code := range table {
		out = append(out, strings.TrimPrefix(code, prefix))
	}
	slices.Sort(out)
	return out
}

// Nearest returns up to three known codes that are like code, the likest first.
func Nearest(code string) []string {
	code = strings.ToLower(code)
	type scored struct {
		code  string
		score int
	}
	var found []scored
	for _, known := range explainable {
		lower := strings.ToLower(known)
		score := distance(code, lower)
		if code != "" && strings.Contains(lower, code) {
			score = 1
		}
		if score <= 2+len(lower)/4 {
			found = append(found, scored{known, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return a.score - b.score })
	var out []string
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.code)
	}
	return out
}

// longestCode bounds the work for what somebody typed.
const longestCode = 64

// distance is how many letters must be added, left out or changed to make b of
// a (Levenshtein). What is too long to be a code is far from all.
func distance(a, b string) int {
	if len(a) > longestCode {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// failing are the sub-indications that mean TOTAL-FAILED; all others leave the
// signature INDETERMINATE (EN 319 102-1 §5.1.3).
var failing = []SubIndication{FormatFailure, HashFailure, SigCryptoFailure, Revoked, Expired, NotYetValid}

func parent(sub SubIndication) Indication {
	if slices.Contains(failing, sub) {
		return TotalFailed
	}
	return Indeterminate
}

// SubIndications lists those of EN 319 102-1 V1.4.1, the gravest first.
func SubIndications() []SubIndication {
	return slices.Concat(failing, []SubIndication{
		SigConstraintsFailure, ChainConstraintsFailure, CertificateChainGeneralFailure,
		CryptoConstraintsFailure, PolicyProcessingError, SignaturePolicyNotAvailable, TimestampOrderFailure,
		NoSigningCertificateFound, NoCertificateChainFound, NoCertificateChainFoundNoPOE, RevokedNoPOE,
		RevokedCANoPOE, OutOfBoundsNotRevoked, OutOfBoundsNoPOE, RevocationOutOfBoundsNoPOE,
		CryptoConstraintsFailureNoPOE, NoPOE, TryLater, SignedDataNotFound, Custom,
	})
}
