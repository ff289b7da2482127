package verifier

import (
	"tamga/formats"
	"tamga/verifier/report"
)

// counterChecks ask about the counter-signatures, which sign this signature's
// value (RFC 5652 §11.4, EN 319 122-1 §5.2.7).
var counterChecks = []check{
	{"counter.signature", "EN 319 122-1 5.2.7", report.SigConstraintsFailure, countersWhole},
}

// judgeCounters judges each counter-signature as the signature it is. Whether
// it is believed is its own matter: it adds to what it countersigns, and takes
// nothing from it.
func (t *trial) judgeCounters() {
	if t.sig.Credential != nil { // there, it is the holder's proof
		return
	}
	for i := range t.sig.Counter {
		sig := &t.sig.Counter[i]
		c := &trial{
			v: t.v, ctx: t.ctx, now: t.now, at: t.now, shared: t.shared, rule: t.rule,
			sig: sig, object: formats.ObjectOf(sig.Value), poes: t.poes.clone(),
		}
		c.gather(t.pool)
		c.judge()
		t.counters = append(t.counters, counter{c.report(), c.broken()})
	}
	t.run(counterChecks)
}

// counter is a counter-signature that has been judged.
type counter struct {
	report report.Signature
	broken bool
}

// countersWhole refuses a signature with a counter-signature that is forged or
// was made for something else, for the reason of stampsWhole: whoever put it
// there has been at the file.
func countersWhole(t *trial) finding {
	for _, c := range t.counters {
		if c.broken {
			return no("it does not hold: %s", c.report.SubIndication).of(c.report.Name)
		}
	}
	if len(t.counters) == 0 {
		return skip()
	}
	return yes("counter-signatures: %d", len(t.counters))
}
