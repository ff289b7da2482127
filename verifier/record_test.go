package verifier_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/ers"
	"tamga/pki/pkitest"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// kept is a PKI of three time-stamp authorities, each of which outlives the one
// before it, and of a signer who does not live long.
const kept = `
	root -> alice, tsa1[timestamp], tsa2[timestamp], tsa3[timestamp]; stranger -> eve[timestamp]
	root[until=2060-01-01]; stranger[until=2060-01-01]; eve[until=2050-01-01]
	alice[from=2026-01-01, until=2027-01-01]
	tsa1[from=2026-01-01, until=2027-01-01]; tsa2[from=2026-01-01, until=2035-01-01]; tsa3[from=2026-01-01, until=2050-01-01]
`

// keeping is a PKI whose time goes on, and the verifier of 2040.
type keeping struct {
	*pkitest.PKI
	t testing.TB
}

func newKeeping(t testing.TB, change string) *keeping {
	k := &keeping{pkitest.New(t, kept+change), t}
	k.Now = day("2026-06-01")
	return k
}

// record is kept until 2040: a renewal of the time-stamp in time, and one of the
// tree in time.
func (k *keeping) record(data ...[]byte) []byte {
	r := k.Record("tsa1", pki.SHA256, data...)
	k.Now = day("2026-12-01")
	r.RenewStamp("tsa2")
	k.Now = day("2034-01-01")
	r.RenewTree("tsa3", pki.SHA512)
	return r.DER()
}

// judge judges raw in 2040, trusting root alone.
func (k *keeping) judge(raw []byte, detached ...formats.Input) *report.Report {
	return k.judgeBy(policy.Default(), raw, detached...)
}

// judgeBy is judge by another policy.
func (k *keeping) judgeBy(by *policy.Policy, raw []byte, detached ...formats.Input) *report.Report {
	k.Now = day("2040-01-01")
	v := verifier.Verifier{
		Formats: catalog.Parsers(), Policy: by, Now: k.Clock(), Revocation: k.Revocation(), Tool: "test",
		Trust: (&bench{p: k.PKI}).trusting("root"),
	}
	r, err := v.Verify(k.t.Context(), file("kept", raw, detached...))
	require.NoError(k.t, err)
	checkInvariants(k.t, r)
	return r
}

func file(name string, raw []byte, detached ...formats.Input) formats.Input {
	return formats.Input{Name: name, ReaderAt: bytes.NewReader(raw), Size: int64(len(raw)), Detached: detached}
}

// A record that was kept proves in 2040 that the data existed in 2026, though
// two of its three authorities and one of its digests are gone.
func TestRecordFile(t *testing.T) {
	k := newKeeping(t, "")
	raw := k.record(content)
	r := k.judge(raw, file("the letter", content))
	require.Equal(t, report.Valid, r.Verdict.Status, "%+v", failedChecks(r.Verdict.Signatures[0]))
	s := r.Verdict.Signatures[0]
	require.Equal(t, day("2026-06-01"), *s.ClaimedTime)
	require.Len(t, s.Timestamps, 2)
	require.Equal(t, report.RecordStamp, s.Timestamps[0].Stamp)
	require.Equal(t, []string{"the letter"}, r.Document.Detached)

	require.Equal(t, report.NotValid, k.judge(raw, file("another", []byte("another letter"))).Verdict.Status)
	alone := k.judge(raw).Verdict.Signatures[0]
	require.Equal(t, report.SignedDataNotFound, alone.SubIndication)
}

// What keeps a record must have been done in time, by who was trusted for it.
func TestRecordNotKept(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		make   func(k *keeping) *pkitest.Record
	}{
		"nobody kept it": {"", func(k *keeping) *pkitest.Record { return k.Record("tsa1", pki.SHA256, content) }},
		"too late": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa1", pki.SHA256, content)
			k.Now = day("2027-02-01")
			r.RenewStamp("tsa3")
			return r
		}},
		"the last authority has ended, too": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa1", pki.SHA256, content)
			k.Now = day("2026-12-01")
			r.RenewStamp("tsa2")
			return r
		}},
		"by a stranger": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa1", pki.SHA256, content)
			k.Now = day("2026-12-01")
			r.RenewStamp("eve")
			return r
		}},
		// The first authority holds still; §5.3 wants the last one valid all the same.
		"in vain": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa3", pki.SHA256, content)
			k.Now = day("2027-02-01")
			r.RenewStamp("eve")
			return r
		}},
		"the first was broken before": {"tsa1.revoked = 2026-11-01", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa1", pki.SHA256, content)
			k.Now = day("2026-12-01")
			r.RenewStamp("tsa3")
			return r
		}},
		"longer than the limit": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa3", pki.SHA256, content)
			for range 21 {
				r.RenewStamp("tsa3")
			}
			return r
		}},
		"the order is wrong": {"", func(k *keeping) *pkitest.Record {
			r := k.Record("tsa3", pki.SHA256, content)
			k.Now = day("2026-05-01")
			r.RenewStamp("tsa3")
			return r
		}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeeping(t, c.change)
			r := k.judge(c.make(k).DER(), file("the letter", content))
			require.NotEqual(t, report.Valid, r.Verdict.Status)
			require.NotEqual(t, report.TotalPassed, r.Verdict.Signatures[0].Indication)
		})
	}
}

// signedBy is alice's attached CAdES with the lists of the day.
func (k *keeping) signed() []byte {
	key, in := k.Key("alice"), file("letter", content)
	alg, err := pki.DefaultAlgorithm(key.Certificate().PublicKey)
	require.NoError(k.t, err)
	pending, err := cades.Preparer{}.Prepare(in, formats.Params{
		Algorithm: alg, Chain: key.Chain(), Time: k.Now, Level: formats.LevelB})
	require.NoError(k.t, err)
	value, err := key.Sign(k.t.Context(), pki.UseSign, alg, pending.ToBeSigned)
	require.NoError(k.t, err)
	edit, err := cades.Preparer{}.Complete(pending, formats.Completion{Value: value})
	require.NoError(k.t, err)
	raw, err := cms.AddValues(edit.Tail, cms.Values{CRLs: [][]byte{k.CRL("root")}})
	require.NoError(k.t, err)
	return raw
}

// with puts a record into the unsigned attributes of the first signer.
func (k *keeping) with(raw, record []byte, oid string) []byte {
	id, err := pki.ParseOID(oid)
	require.NoError(k.t, err)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(record) })
	})
	out, err := cms.AddUnsigned(raw, 0, b.BytesOrPanic())
	require.NoError(k.t, err)
	return out
}

const (
	internal = "1.2.840.113549.1.9.16.2.49"
	external = "1.2.840.113549.1.9.16.2.50"
)

// A signature of 2026 whose record was kept is good in 2040, though alice's
// certificate ended in 2027.
func TestRecordInSignature(t *testing.T) {
	for _, oid := range []string{internal, external} {
		k := newKeeping(t, "")
		signed := k.signed()
		data := [][]byte{signed}
		if oid == external {
			data = append(data, content)
		}
		raw := k.with(signed, k.record(data...), oid)
		r := k.judge(raw, file("letter", content))
		s := r.Verdict.Signatures[0]
		require.Equal(t, report.Valid, r.Verdict.Status, "%+v", failedChecks(s))
		require.Equal(t, day("2026-06-01"), *s.BestTime)
		require.Len(t, s.Timestamps, 3)
		require.True(t, slices.ContainsFunc(s.Checks, func(c report.Check) bool { return c.ID == "evidence.record" && c.Passed }))
		require.Equal(t, report.NotValid, k.judge(raw, file("letter", []byte("another"))).Verdict.Status)

		require.NotEqual(t, report.Valid, k.judge(signed, file("letter", content)).Verdict.Status, "without it, nothing proves")
	}
}

// Records that are of something else, or cannot be read, spoil a signature that
// would be good without them: nobody's untouched file holds one.
func TestBrokenRecordInSignature(t *testing.T) {
	for name, record := range map[string]func(k *keeping, signed []byte) []byte{
		"over another CMS": func(k *keeping, _ []byte) []byte { return k.Record("tsa3", pki.SHA256, []byte("another")).DER() },
		"unreadable":       func(*keeping, []byte) []byte { return []byte{0x30, 0x03, 0x02, 0x01, 0x01} },
		"out of order": func(k *keeping, signed []byte) []byte {
			r := k.Record("tsa3", pki.SHA256, signed)
			k.Now = k.Now.Add(-time.Hour)
			r.RenewStamp("tsa3")
			return r.DER()
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeeping(t, "alice[until=2050-01-01]")
			signed := k.signed()
			require.Equal(t, report.Valid, k.judge(signed, file("letter", content)).Verdict.Status)
			k.Now = day("2026-06-01")
			r := k.judge(k.with(signed, record(k, signed), internal), file("letter", content))
			require.NotEqual(t, report.Valid, r.Verdict.Status)
		})
	}
}

// A record by somebody who is not trusted proves nothing, and harms nothing.
func TestRecordOfAStranger(t *testing.T) {
	k := newKeeping(t, "alice[until=2050-01-01]")
	signed := k.signed()
	r := k.judge(k.with(signed, k.Record("eve", pki.SHA256, signed).DER(), internal), file("letter", content))
	require.Equal(t, report.Valid, r.Verdict.Status)
	require.Nil(t, r.Verdict.Signatures[0].BestTime)
}

// Where the policy drops what fails, a broken record does not refuse; nor does it
// prove that a signer whose certificate has ended signed before that.
func TestBrokenRecordDropped(t *testing.T) {
	k := newKeeping(t, "")
	signed := k.signed()
	r := k.Record("tsa3", pki.SHA256, signed)
	k.Now = k.Now.Add(-time.Hour)
	r.RenewStamp("tsa3")
	raw := k.with(signed, r.DER(), internal)

	drop := policy.Default()
	drop.Stamps = policy.DropFailing
	s := k.judgeBy(drop, raw, file("letter", content)).Verdict.Signatures[0]
	require.Equal(t, report.Indeterminate, s.Indication)
	require.Nil(t, s.BestTime)
	asked := func(c report.Check) bool { return c.ID == "evidence.record" }
	require.False(t, slices.ContainsFunc(s.Checks, asked))
	require.True(t, slices.ContainsFunc(k.judge(raw, file("letter", content)).Verdict.Signatures[0].Checks, asked))
}

// A list at the top that does not name the algorithm is a defect that does no
// harm: the time-stamps name it themselves.
func TestRecordOfAnUnnamedAlgorithm(t *testing.T) {
	k := newKeeping(t, "")
	signed := k.signed()
	r := k.Record("tsa3", pki.SHA256, signed)
	r.Unnamed = true
	s := k.judge(k.with(signed, r.DER(), internal), file("letter", content)).Verdict.Signatures[0]
	require.Equal(t, report.TotalPassed, s.Indication, "%+v", failedChecks(s))
	require.Equal(t, day("2026-06-01"), *s.BestTime)
	require.True(t, slices.ContainsFunc(s.Notes, func(n report.Note) bool { return n.Code == "note.defect" }))
}

// Of two records one holds, and that is enough, wherever it stands.
func TestTwoRecords(t *testing.T) {
	for name, order := range map[string][]string{"the good one first": {"tsa3", "eve"}, "last": {"eve", "tsa3"}} {
		t.Run(name, func(t *testing.T) {
			k := newKeeping(t, "")
			raw := k.signed()
			for _, by := range order {
				raw = k.with(raw, k.Record(by, pki.SHA256, raw).DER(), internal)
			}
			s := k.judge(raw, file("letter", content)).Verdict.Signatures[0]
			require.Equal(t, report.TotalPassed, s.Indication, "%+v", failedChecks(s))
			require.Equal(t, day("2026-06-01"), *s.BestTime)
			strict := policy.Default()
			strict.Stamps = policy.RefuseFailing
			require.NotEqual(t, report.Valid, k.judgeBy(strict, raw, file("letter", content)).Verdict.Status)
		})
	}
}

// A record with more time-stamps than are judged is not believed: it does no
// good, and harm where nothing may fail.
func TestRecordAtTheLimit(t *testing.T) {
	limit := policy.Default().Limits.Timestamps
	for _, over := range []int{0, 1} {
		k := newKeeping(t, "")
		r := k.Record("tsa3", pki.SHA256, content)
		for range limit + over { // the first is the signature itself
			r.RenewStamp("tsa3")
		}
		require.Equal(t, over == 0, k.judge(r.DER(), file("the letter", content)).Verdict.Status == report.Valid)
	}
	k := newKeeping(t, "alice[until=2050-01-01]")
	signed := k.signed()
	r := k.Record("tsa3", pki.SHA256, signed)
	for range limit {
		r.RenewStamp("tsa3")
	}
	raw := k.with(signed, r.DER(), internal)
	s := k.judge(raw, file("letter", content)).Verdict.Signatures[0]
	require.Equal(t, report.TotalPassed, s.Indication)
	require.Nil(t, s.BestTime)
	strict := policy.Default()
	strict.Stamps = policy.RefuseFailing
	s = k.judgeBy(strict, raw, file("letter", content)).Verdict.Signatures[0]
	require.Equal(t, report.Indeterminate, s.Indication)
	require.Equal(t, report.NoPOE, s.SubIndication)
}

// No octet of the data, of a tree or of a token can be another. What passes all
// the same is what nobody hashes or signs: the list of algorithms at the top, and
// of the last token what stands beside its signature.
func TestRecordMutations(t *testing.T) {
	k := newKeeping(t, "")
	raw := k.record(content)
	good, err := ers.Parse(raw)
	require.NoError(t, err)
	for i := range content {
		bad := bytes.Clone(content)
		bad[i] ^= 0x10
		require.Equal(t, report.NotValid, k.judge(raw, file("the letter", bad)).Verdict.Status)
	}
	step := 5
	if testing.Short() {
		step = 97
	}
	passed := 0
	for i := 0; i < len(raw); i += step {
		bad := bytes.Clone(raw)
		bad[i] ^= 1 << (i % 8)
		k.Now = day("2040-01-01")
		v := verifier.Verifier{
			Formats: []formats.Parser{cades.RecordParser{}}, Policy: policy.Default(), Now: k.Clock(),
			Revocation: k.Revocation(), Trust: (&bench{p: k.PKI}).trusting("root"),
		}
		r, err := v.Verify(t.Context(), file("kept", bad, file("the letter", content)))
		if err != nil || r.Verdict.Status != report.Valid {
			continue
		}
		passed++
		require.NoError(t, sameRecord(good, bad), "octet %d", i)
	}
	t.Logf("%d of %d passed", passed, len(raw)/step)
	require.Less(t, passed, len(raw)/step/2)
}

// sameRecord reports whether raw says the same as good in all that counts.
func sameRecord(good *ers.Record, raw []byte) error {
	bad, err := ers.Parse(raw)
	if err != nil {
		return err
	}
	var a, b []ers.Stamp
	for _, c := range good.Chains {
		a = append(a, c.Stamps...)
	}
	for _, c := range bad.Chains {
		b = append(b, c.Stamps...)
	}
	if len(a) != len(b) {
		return cms.ErrMalformed
	}
	for i := range a {
		last := i == len(a)-1
		x, err := cms.Parse(a[i].Token)
		if err != nil {
			return err
		}
		y, err := cms.Parse(b[i].Token)
		if err != nil {
			return err
		}
		same := slices.EqualFunc(a[i].Tree, b[i].Tree, func(p, q [][]byte) bool { return slices.EqualFunc(p, q, bytes.Equal) }) &&
			(last || bytes.Equal(a[i].Token, b[i].Token)) && bytes.Equal(x.Content, y.Content) &&
			bytes.Equal(x.Signers[0].Signed, y.Signers[0].Signed) && bytes.Equal(x.Signers[0].Value, y.Signers[0].Value)
		if !same {
			return cms.ErrMalformed
		}
	}
	return nil
}
