package mdoc_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	gocose "github.com/veraison/go-cose"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// The structures as another reader has them: package cbor and go-cose.
type (
	foreignIssued struct {
		NameSpaces map[string][]cbor.RawMessage `cbor:"nameSpaces"`
		IssuerAuth cbor.RawMessage              `cbor:"issuerAuth"`
	}
	foreignMSO struct {
		Version         string                       `cbor:"version"`
		DigestAlgorithm string                       `cbor:"digestAlgorithm"`
		ValueDigests    map[string]map[uint64][]byte `cbor:"valueDigests"`
		DeviceKeyInfo   struct {
			DeviceKey cbor.RawMessage `cbor:"deviceKey"`
		} `cbor:"deviceKeyInfo"`
		DocType      string               `cbor:"docType"`
		ValidityInfo map[string]time.Time `cbor:"validityInfo"`
	}
	foreignItem struct {
		DigestID uint64 `cbor:"digestID"`
		Random   []byte `cbor:"random"`
		ID       string `cbor:"elementIdentifier"`
		Value    any    `cbor:"elementValue"`
	}
)

var algorithms = []struct {
	name  string
	alg   pki.Algorithm
	judge gocose.Algorithm
}{
	{"ds", pki.ES256, gocose.AlgorithmES256},
	{"ds384", pki.ES384, gocose.AlgorithmES384},
	{"ds521", pki.ES512, gocose.AlgorithmES512},
	{"dsed", pki.Ed25519, gocose.AlgorithmEdDSA},
}

// What we write is read, verified and digested by libraries that know nothing
// of ours; and it is deterministic CBOR to the byte.
func TestWrittenAgainstForeignReaders(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, a := range algorithms {
		t.Run(a.name, func(t *testing.T) {
			key := holder(t)
			if a.alg == pki.Ed25519 {
				key = edKey(t)
			}
			raw := issue(t, p, a.name, a.alg, preparer(key))
			requireDeterministic(t, raw)

			var doc foreignIssued
			require.NoError(t, cbor.Unmarshal(raw, &doc))
			var auth gocose.UntaggedSign1Message
			require.NoError(t, auth.UnmarshalCBOR(doc.IssuerAuth))
			leaf, err := x509.ParseCertificate(auth.Headers.Unprotected[gocose.HeaderLabelX5Chain].([]byte))
			require.NoError(t, err)
			verifier, err := gocose.NewVerifier(a.judge, leaf.PublicKey)
			require.NoError(t, err)
			require.NoError(t, auth.Verify(nil, verifier))

			var mso foreignMSO
			require.NoError(t, cbor.Unmarshal(untag(t, auth.Payload), &mso))
			requireDeterministic(t, untag(t, auth.Payload))
			require.Equal(t, "1.0", mso.Version)
			require.Equal(t, "SHA-256", mso.DigestAlgorithm)
			require.Equal(t, docType, mso.DocType)
			require.Equal(t, map[string]time.Time{"signed": signed, "validFrom": signed, "validUntil": ends}, mso.ValidityInfo)
			var device gocose.Key
			require.NoError(t, device.UnmarshalCBOR(mso.DeviceKeyInfo.DeviceKey))
			got, err := device.PublicKey()
			require.NoError(t, err)
			require.Equal(t, key, got)
			requireDigests(t, doc, mso)
		})
	}
}

func requireDigests(t *testing.T, doc foreignIssued, mso foreignMSO) {
	t.Helper()
	salts := map[string]bool{}
	for name, items := range doc.NameSpaces {
		require.Len(t, mso.ValueDigests[name], len(items))
		for _, raw := range items {
			var it foreignItem
			require.NoError(t, cbor.Unmarshal(untag(t, raw), &it))
			requireDeterministic(t, untag(t, raw))
			sum := sha256.Sum256(raw)
			require.Equal(t, sum[:], mso.ValueDigests[name][it.DigestID], it.ID)
			require.Len(t, it.Random, 32)
			require.False(t, salts[string(it.Random)])
			salts[string(it.Random)] = true
		}
	}
	require.Len(t, salts, 12)
}

// untag takes the bytes out of #6.24(bstr).
func untag(t *testing.T, raw []byte) []byte {
	t.Helper()
	var tag cbor.Tag
	require.NoError(t, cbor.Unmarshal(raw, &tag))
	require.EqualValues(t, 24, tag.Number)
	return tag.Content.([]byte)
}

// requireDeterministic encodes raw anew by RFC 8949 §4.2.1.
func requireDeterministic(t *testing.T, raw []byte) {
	t.Helper()
	opts := cbor.CoreDetEncOptions()
	opts.Time, opts.TimeTag = cbor.TimeRFC3339, cbor.EncTagRequired
	enc, err := opts.EncMode()
	require.NoError(t, err)
	dec, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()
	require.NoError(t, err)
	var v any
	require.NoError(t, dec.Unmarshal(raw, &v))
	again, err := enc.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, again, raw)
}

// Our reader says of our document what was wished for.
func TestRoundTrip(t *testing.T) {
	p := pkitest.New(t, drawing)
	raw := issue(t, p, "ds", pki.ES256, preparer(holder(t)))
	doc, err := mdoc.Parser{}.Parse(input(raw))
	require.NoError(t, err)
	require.Empty(t, doc.Defects)
	sig := doc.Signatures[0]
	require.Empty(t, sig.Defects)
	value, agreed := judge(&sig)
	require.True(t, value)
	require.Equal(t, 12, agreed)
	c := *sig.Credential
	c.Elements = nil
	require.Equal(t, formats.Credential{
		Type: docType, ValidFrom: signed, ValidUntil: ends, Signed: signed, HolderKey: true,
	}, c)
	got := map[string]string{}
	for _, e := range sig.Credential.Elements {
		got[e.Namespace+"/"+e.Name] = e.Value
	}
	require.Equal(t, map[string]string{
		namespace + "/family_name": "Коваль",
		namespace + "/birth_date":  "1990-02-28",
		namespace + "/joined":      "2026-05-04T01:02:01Z",
		namespace + "/portrait":    "(300 bytes)",
		namespace + "/age_over_18": "true",
		namespace + "/banned":      "false",
		namespace + "/books":       "7",
		namespace + "/debt":        "-70000",
		namespace + "/number":      "9223372036854775808",
		namespace + "/languages":   `["uk", "et"]`,
		namespace + "/address":     `{country: "UT", since: 2020-01-01, street: "Вулиця 1"}`,
		"org.example/branch":       "Main",
	}, got)
	require.Equal(t, p.Chain("ds"), sig.Evidence.Certificates)
	require.False(t, sig.Signer.Attribute)
	require.True(t, sig.Coverage.Whole)
}

// ISO/IEC 18013-5 9.1.2.4: a sub-CA goes along, the root never does.
func TestChainWithoutRoot(t *testing.T) {
	p := pkitest.New(t, drawing)
	w := preparer(holder(t))
	for _, chain := range [][]*x509.Certificate{
		p.Chain("below"), append(p.Chain("below"), p.Cert("iaca")),
	} {
		pending, err := w.Prepare(formats.Input{}, formats.Params{Algorithm: pki.ES256, Chain: chain, Time: signed})
		require.NoError(t, err)
		value, err := p.Key("below").Sign(t.Context(), pki.UseMdoc, pki.ES256, pending.ToBeSigned)
		require.NoError(t, err)
		edit, err := w.Complete(pending, formats.Completion{Value: value})
		require.NoError(t, err)
		doc, err := mdoc.Parser{}.Parse(input(edit.Tail))
		require.NoError(t, err)
		require.Equal(t, p.Chain("below"), doc.Signatures[0].Evidence.Certificates)
		require.NotContains(t, string(edit.Tail), string(p.Cert("iaca").Raw))
	}
}

// Two copies of one document share no salt, digest or order of digests, so
// those to whom they are shown cannot tell that they are of one person.
func TestCopiesAreUnlinkable(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := holder(t)
	w := preparer(key)
	w.Namespaces = []mdoc.Namespace{{Name: namespace}}
	for i := range 40 {
		w.Namespaces[0].Elements = append(w.Namespaces[0].Elements,
			mdoc.Element{ID: string(rune('A' + i)), Value: true})
	}
	orders := map[string]bool{}
	digests := map[string]bool{}
	for range 8 {
		var doc foreignIssued
		require.NoError(t, cbor.Unmarshal(issue(t, p, "ds", pki.ES256, w), &doc))
		var order []uint64
		for _, raw := range doc.NameSpaces[namespace] {
			var it foreignItem
			require.NoError(t, cbor.Unmarshal(untag(t, raw), &it))
			order = append(order, it.DigestID)
			sum := sha256.Sum256(raw)
			require.False(t, digests[string(sum[:])])
			digests[string(sum[:])] = true
		}
		text, err := json.Marshal(order)
		require.NoError(t, err)
		require.False(t, orders[string(text)])
		orders[string(text)] = true
		slices.Sort(order)
		for i, id := range order {
			require.EqualValues(t, i, id)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	one := func(v any) func(*mdoc.Preparer, *formats.Params) {
		return func(w *mdoc.Preparer, _ *formats.Params) {
			w.Namespaces = []mdoc.Namespace{{Name: namespace, Elements: []mdoc.Element{{ID: "e", Value: v}}}}
		}
	}
	loop := []any{nil}
	loop[0] = loop
	type w = *mdoc.Preparer
	type f = *formats.Params
	cases := map[string]struct {
		change func(w, f)
		want   string
	}{
		"no holder":             {func(w w, _ f) { w.HolderKey = nil }, "no key of its holder"},
		"a holder's RSA key":    {func(w w, _ f) { w.HolderKey = p.Cert("dsrsa").PublicKey }, "holder's key"},
		"no randomness":         {func(w w, _ f) { w.Random = nil }, "no source of randomness"},
		"dead randomness":       {func(w w, _ f) { w.Random = stuck{} }, "repeats itself"},
		"randomness that ends":  {func(w w, _ f) { w.Random = short(100) }, "drawing salts"},
		"no docType":            {func(w w, _ f) { w.DocType = "" }, "no docType"},
		"docType not UTF-8":     {func(w w, _ f) { w.DocType = "\xff" }, "not UTF-8"},
		"no namespaces":         {func(w w, _ f) { w.Namespaces = nil }, "no elements"},
		"an empty namespace":    {func(w w, _ f) { w.Namespaces = []mdoc.Namespace{{Name: "x"}} }, "has 0 elements"},
		"namespace not UTF-8":   {func(w w, _ f) { w.Namespaces[0].Name = "\xff" }, "no name of UTF-8"},
		"namespace twice":       {func(w w, _ f) { w.Namespaces[1].Name = namespace }, "stands twice"},
		"element without name":  {func(w w, _ f) { w.Namespaces[0].Elements[1].ID = "" }, "no name of UTF-8"},
		"element twice":         {func(w w, _ f) { w.Namespaces[0].Elements[1].ID = "family_name" }, "stands twice"},
		"too many elements":     {func(w w, _ f) { w.Namespaces[0].Elements = make([]mdoc.Element, 513) }, "has 513 elements"},
		"over before it begins": {func(w w, _ f) { w.ValidUntil = w.ValidFrom.Add(time.Millisecond) }, "before it began"},
		"no end":                {func(w w, _ f) { w.ValidUntil = time.Time{} }, "not given"},
		"no start":              {func(w w, _ f) { w.ValidFrom = time.Time{} }, "not given"},
		"no time of signing":    {func(_ w, f f) { f.Time = time.Time{} }, "not given"},
		"valid before signed":   {func(_ w, f f) { f.Time = signed.Add(time.Second) }, "before it was signed"},
		"outlives the signer": {
			func(w w, f f) { w.ValidUntil = f.Chain[0].NotAfter.Add(time.Second) }, "outlive"},
		"signed too early":     {func(_ w, f f) { f.Time = f.Chain[0].NotBefore.Add(-time.Second) }, "outside of the validity"},
		"no certificate":       {func(_ w, f f) { f.Chain = nil }, "no certificate"},
		"the root signs":       {func(_ w, f f) { f.Chain = p.Chain("iaca") }, "signed itself"},
		"a DER value":          {func(_ w, f f) { f.Algorithm = pki.ECDSASHA256 }, "not supported"},
		"another curve":        {func(_ w, f f) { f.Algorithm = pki.ES384 }, "not supported"},
		"RSA":                  {func(_ w, f f) { f.Algorithm, f.Chain = pki.PSSSHA256, p.Chain("dsrsa") }, "not supported"},
		"no algorithm":         {func(_ w, f f) { f.Algorithm = pki.UnknownAlgorithm }, "not supported"},
		"a level":              {func(_ w, f f) { f.Level = formats.LevelB }, "not supported"},
		"no value":             {one(nil), "not supported"},
		"a fraction":           {one(1.5), "not supported"},
		"text not UTF-8":       {one("secret\xff"), "not UTF-8"},
		"a name not UTF-8":     {one(map[string]any{"\xff": 1}), "not UTF-8"},
		"a day that never was": {one(mdoc.FullDate("2026-02-30")), "no date"},
		"a day of one digit":   {one(mdoc.FullDate("2026-2-3")), "no date"},
		"no time":              {one(time.Time{}), "no time"},
		"the year 10000":       {one(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "no time"},
		"a list of itself":     {one(loop), "nested deeper"},
		"a long list":          {one(make([]any, 5000)), "a list of 5000"},
		"a value in a list":    {one([]any{struct{}{}}), "not supported"},
		"a value in a map":     {one(map[string]any{"x": struct{}{}}), "not supported"},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			w, f := preparer(holder(t)), params(p, "ds", pki.ES256)
			cases[name].change(&w, &f)
			_, err := w.Prepare(formats.Input{}, f)
			require.ErrorContains(t, err, cases[name].want)
			require.NotContains(t, err.Error(), "secret", "claims do not belong into errors")
		})
	}
}

// A pending signature may come from a store that somebody else can write to.
func TestCompleteRefuses(t *testing.T) {
	p := pkitest.New(t, drawing)
	pending, err := preparer(holder(t)).Prepare(formats.Input{}, params(p, "ds", pki.ES256))
	require.NoError(t, err)
	value := bytes.Repeat([]byte{7}, 64)
	state := bytes.Clone(pending.State)
	_, err = mdoc.Preparer{}.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	require.Equal(t, state, pending.State, "what is pending stays as it was")

	for name, c := range map[string]struct {
		change func(p *formats.Pending, c *formats.Completion)
	}{
		"a short value":     {func(_ *formats.Pending, c *formats.Completion) { c.Value = value[1:] }},
		"a long value":      {func(_ *formats.Pending, c *formats.Completion) { c.Value = append(value[:64:64], 1) }},
		"no value":          {func(_ *formats.Pending, c *formats.Completion) { c.Value = nil }},
		"a time-stamp":      {func(_ *formats.Pending, c *formats.Completion) { c.Timestamp = value }},
		"another format":    {func(p *formats.Pending, _ *formats.Completion) { p.Format = formats.SDJWT }},
		"another algorithm": {func(p *formats.Pending, _ *formats.Completion) { p.Algorithm = pki.ES384 }},
		"no algorithm":      {func(p *formats.Pending, _ *formats.Completion) { p.Algorithm = 0 }},
		"no state":          {func(p *formats.Pending, _ *formats.Completion) { p.State = nil }},
		"a short state":     {func(p *formats.Pending, _ *formats.Completion) { p.State = p.State[:20] }},
		"a moved place":     {func(p *formats.Pending, _ *formats.Completion) { p.State[7]++ }},
		"a place far off":   {func(p *formats.Pending, _ *formats.Completion) { p.State[0] = 0xff }},
	} {
		t.Run(name, func(t *testing.T) {
			other := *pending
			other.State = bytes.Clone(state)
			done := formats.Completion{Value: value}
			c.change(&other, &done)
			_, err := mdoc.Preparer{}.Complete(&other, done)
			require.Error(t, err)
		})
	}
	require.Nil(t, mdoc.Preparer{}.StampInput(pending, value))
}
