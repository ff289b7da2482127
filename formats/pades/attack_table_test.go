package pades_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki/pkitest"
)

func (c *carrier) input(b []byte) formats.Input { return withPassword(b, c.password) }

// verdict says what a reader would believe of the signatures with the given
// names: "unchanged" if they are there, hold, and cover everything that matters.
// The attacker's own signatures need not hold, so that they cannot save us.
func (c *carrier) verdict(b []byte, names []string) string {
	doc, err := pades.Parser{}.Parse(c.input(b))
	if err != nil {
		return err.Error()
	}
	judged := doc.Signatures
	if victims := chosen(doc.Signatures, names); len(victims) == len(names) {
		judged = victims
	} else if len(doc.Defects) > 0 {
		return doc.Defects[0].Text
	}
	if len(judged) == 0 {
		return "no signature"
	}
	for _, sig := range judged {
		if err := holds(sig); err != nil {
			return err.Error()
		}
		if !sig.Coverage.Whole && !sig.Coverage.Harmless {
			return sig.Coverage.Note
		}
	}
	return "unchanged"
}

func chosen(all []formats.Signature, names []string) []formats.Signature {
	var out []formats.Signature
	for _, sig := range all {
		if slices.Contains(names, sig.Name) {
			out = append(out, sig)
		}
	}
	return out
}

// attacks are all classes.
func attacks() []attack {
	return slices.Concat(rangeAttacks, contentAttacks, signatureAttacks, saves, shadows, notes, documents)
}

// Every class of attack is tried on every carrier that it fits, and none may
// pass. What is tried must really be one: the carrier is unchanged before, the
// bytes are different afterwards, and where people would be shown something, a
// reader opens the file.
func TestVectorsAttacks(t *testing.T) {
	tally := pkitest.Tally{Name: "attacks"}
	all, list := attacks(), carriers(t)
	if testing.Short() {
		list = slices.DeleteFunc(list, func(c *carrier) bool { return !strings.HasPrefix(c.name, "rich") })
	}
	tried, names, accepted := map[string]int{}, map[string]bool{}, 0
	for _, c := range list {
		signed := c.sign(t, c.plain)
		require.Equal(t, "unchanged", c.verdict(signed, c.signatures(t, signed)), c.name)
		for _, a := range all {
			names[a.name] = true
			signed, bad := c.strike(t, a, signed)
			if bad == nil {
				continue
			}
			tried[a.name]++
			victims := c.signatures(t, signed)
			if a.forged {
				victims = c.signatures(t, bad)
			}
			verdict := c.verdict(bad, victims)
			if verdict == "unchanged" {
				accepted++
			}
			if os.Getenv("TAMGA_ATTACKS") != "" {
				t.Logf("%s | %s | %s | %s", a.name, c.name, a.rule, verdict)
			}
			tally.Case(t, a.name+" on "+c.name, verdict != "unchanged", "")
		}
	}
	require.Len(t, names, len(all), "two classes of one name")
	require.GreaterOrEqual(t, len(all), 60)
	for _, a := range all {
		require.NotEmpty(t, a.rule, a.name)
		require.NotEmpty(t, a.row, a.name)
		require.True(t, testing.Short() || tried[a.name] > 0, "%s fits nowhere", a.name)
	}
	require.True(t, testing.Short() || len(list) >= 20)
	t.Logf("attacks: %d classes, %d carriers, %d accepted", len(all), len(list), accepted)
	tally.Report(t)
}

// signatures are the names of the signatures of a document.
func (c *carrier) signatures(t *testing.T, b []byte) []string {
	doc, err := pades.Parser{}.Parse(c.input(b))
	require.NoError(t, err, c.name)
	var out []string
	for _, sig := range doc.Signatures {
		out = append(out, sig.Name)
	}
	return out
}

// strike plants, signs and attacks; nil where the attack does not fit.
func (c *carrier) strike(t *testing.T, a attack, signed []byte) (before, after []byte) {
	if a.plant != nil {
		planted := a.plant(open(t, c, c.plain))
		if planted == nil {
			return nil, nil
		}
		signed = c.sign(t, planted)
	}
	bad := a.strike(open(t, c, signed))
	if bad == nil {
		return nil, nil
	}
	require.False(t, bytes.Equal(bad, signed), "%s on %s: nothing happened", a.name, c.name)
	require.Equal(t, !a.bytes, bytes.HasPrefix(bad, signed), "%s on %s: appended or not", a.name, c.name)
	return signed, bad
}

// Attacks are worth nothing if no reader is deceived: qpdf opens what they made
// of one carrier, but for those of which that is not asked.
func TestAttacksOpen(t *testing.T) {
	c := &carrier{name: "rich, certified 3", plain: rich(), level: pades.Annotate, sign: certifyAs(pades.Annotate)}
	signed := c.sign(t, c.plain)
	count := 0
	for _, a := range attacks() {
		_, bad := c.strike(t, a, signed)
		if bad == nil || a.broken {
			continue
		}
		text := judge(t, bad, "qpdf", "--no-warn", "--show-npages")
		if text == "" {
			t.Skip("qpdf absent")
		}
		var pages int
		_, err := fmt.Sscan(text, &pages)
		require.NoError(t, err, "%s: %s", a.name, text)
		count++
	}
	require.Greater(t, count, 60)
}
