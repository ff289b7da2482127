package mdoc_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	gocose "github.com/veraison/go-cose"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

type object = map[string]any

func tdate(s string) any { return cbor.Tag{Number: 0, Content: s} }

// document is an IssuerSigned of package cbor, for what our writer would not
// write.
type document struct {
	item object // the one element
	mso  object
}

func newDocument(t testing.TB) *document {
	return &document{
		item: object{
			"digestID": 5, "random": make([]byte, 16), "elementIdentifier": "name", "elementValue": "Olena",
		},
		mso: object{
			"version": "1.0", "digestAlgorithm": "SHA-256", "docType": docType,
			"validityInfo": object{
				"signed": tdate("2026-06-01T12:00:00Z"), "validFrom": tdate("2026-06-01T12:00:00Z"),
				"validUntil": tdate("2026-09-01T12:00:00Z"),
			},
			"deviceKeyInfo": object{"deviceKey": deviceKey(t)},
		},
	}
}

func deviceKey(t testing.TB) cbor.RawMessage {
	t.Helper()
	k, err := gocose.NewKeyFromPublic(edKey(t))
	require.NoError(t, err)
	raw, err := k.MarshalCBOR()
	require.NoError(t, err)
	return raw
}

func (d *document) sign(t testing.TB, p *pkitest.PKI) []byte {
	t.Helper()
	item := tag24(t, d.item)
	if _, ok := d.mso["valueDigests"]; !ok {
		sum := sha256.Sum256(item)
		digest := sum[:]
		if d.mso["digestAlgorithm"] == "SHA-384" {
			long := sha512.Sum384(item)
			digest = long[:]
		}
		d.mso["valueDigests"] = object{namespace: map[int][]byte{5: digest}}
	}
	signer, err := gocose.NewSigner(gocose.AlgorithmES256, p.Signer("ds"))
	require.NoError(t, err)
	m := gocose.UntaggedSign1Message{
		Headers: gocose.Headers{
			Protected:   gocose.ProtectedHeader{gocose.HeaderLabelAlgorithm: gocose.AlgorithmES256},
			Unprotected: gocose.UnprotectedHeader{gocose.HeaderLabelX5Chain: p.Cert("ds").Raw},
		},
		Payload: tag24(t, d.mso),
	}
	require.NoError(t, m.Sign(nil, nil, signer))
	auth, err := m.MarshalCBOR()
	require.NoError(t, err)
	return encode(t, object{
		"nameSpaces": object{namespace: []any{item}}, "issuerAuth": cbor.RawMessage(auth),
	})
}

// Each rule of the MSO that an issuer may break, under a genuine signature.
func TestMSORules(t *testing.T) {
	p := pkitest.New(t, drawing)
	validity := func(name string, v any) func(*document) {
		return func(d *document) { d.mso["validityInfo"].(object)[name] = v }
	}
	status := func(v any) func(*document) { return func(d *document) { d.mso["status"] = v } }
	list := object{"idx": 412, "uri": "https://status.test/1"}
	for name, c := range map[string]struct {
		change func(*document)
		fatal  string // in a fatal defect
		note   string // in another
	}{
		"plain":           {func(*document) {}, "", ""},
		"SHA-384":         {func(d *document) { d.mso["digestAlgorithm"] = "SHA-384" }, "", ""},
		"unknown members": {func(d *document) { d.mso["x"], d.item["y"] = 1, 2 }, "", ""},
		"version 1.1":     {func(d *document) { d.mso["version"] = "1.1" }, "", "version 1.1"},
		"SHA-1":           {func(d *document) { d.mso["digestAlgorithm"] = "SHA-1" }, "digest algorithm", ""},
		"another spelling": {
			func(d *document) { d.mso["digestAlgorithm"] = "sha-256" }, "digest algorithm", ""},
		"no digest of it": {
			func(d *document) { d.mso["valueDigests"] = object{namespace: map[int][]byte{6: {1}}} }, "no digest 5", ""},
		"no digests of its namespace": {
			func(d *document) { d.mso["valueDigests"] = object{} }, "no digest 5", ""},
		"a short salt":            {func(d *document) { d.item["random"] = make([]byte, 15) }, "", "salt of name has 15 bytes"},
		"no holder":               {func(d *document) { delete(d.mso, "deviceKeyInfo") }, "", "the holder's key"},
		"fractions":               {validity("validFrom", tdate("2026-06-01T12:00:00.5Z")), "", "fractions"},
		"an offset":               {validity("validUntil", tdate("2026-09-01T12:00:00+02:00")), "", "not in UTC"},
		"no tag":                  {validity("signed", "2026-06-01T12:00:00Z"), "", "no tag 0"},
		"a day only":              {validity("validUntil", tdate("2026-09-01")), "no time of RFC 3339", ""},
		"no zone":                 {validity("validUntil", tdate("2026-09-01T12:00:00")), "no time of RFC 3339", ""},
		"an hour of one digit":    {validity("validUntil", tdate("2026-09-01T1:00:00Z")), "no time of RFC 3339", ""},
		"a comma":                 {validity("validUntil", tdate("2026-09-01T12:00:00,5Z")), "no time of RFC 3339", ""},
		"a point and no fraction": {validity("validUntil", tdate("2026-09-01T12:00:00.Z")), "no time of RFC 3339", ""},
		"an offset of 99 hours":   {validity("validUntil", tdate("2026-09-01T12:00:00+99:00")), "no time of RFC 3339", ""},
		"an offset of nothing":    {validity("validUntil", tdate("2026-09-01T12:00:00+")), "no time of RFC 3339", ""},
		"small letters":           {validity("validUntil", tdate("2026-09-01t12:00:00z")), "no time of RFC 3339", ""},
		"a day that never was":    {validity("validUntil", tdate("2026-02-30T12:00:00Z")), "no time of RFC 3339", ""},
		"the year 0":              {validity("validUntil", tdate("0000-01-01T12:00:00Z")), "no time of RFC 3339", ""},
		"over before it began":    {validity("validUntil", tdate("2026-06-01T12:00:00Z")), "", "does not lie after"},
		"valid before signed":     {validity("validFrom", tdate("2026-05-01T12:00:00Z")), "", "before signed"},
		"a status list":           {status(object{"status_list": list}), "", ""},
		"an identifier list":      {status(object{"identifier_list": object{"id": []byte{1}, "uri": "https://s.test"}}), "", ""},
		"status of another kind":  {status(object{"bitstring": list}), "no kind that is supported", ""},
		"status of no kind":       {status(object{}), "no kind that is supported", ""},
		"status that is no map":   {status("revoked?"), "status", ""},
		"status without index":    {status(object{"status_list": object{"uri": "https://s.test"}}), "status_list", ""},
		"status below 0":          {status(object{"status_list": object{"idx": -1, "uri": "https://s.test"}}), "status_list", ""},
		"status without address":  {status(object{"status_list": object{"idx": 1, "uri": ""}}), "no address", ""},
		"identifier list, no id":  {status(object{"identifier_list": object{"uri": "https://s.test"}}), "identifier_list", ""},
		"the first list is wrong": {status(object{"status_list": 1, "identifier_list": list}), "status_list", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDocument(t)
			c.change(d)
			sig := parseOne(t, d.sign(t, p))
			if c.fatal == "" {
				require.Empty(t, fatal(sig))
				value, agreed := judge(&sig)
				require.True(t, value)
				require.Equal(t, 1, agreed)
			} else {
				require.Contains(t, fatal(sig), c.fatal)
			}
			var notes []string
			for _, d := range sig.Defects {
				if !d.Fatal {
					notes = append(notes, d.Text)
				}
			}
			if c.note == "" {
				require.Empty(t, notes)
			} else {
				require.Contains(t, strings.Join(notes, "\n"), c.note)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	p := pkitest.New(t, drawing)
	d := newDocument(t)
	d.mso["status"] = object{
		"status_list":     object{"idx": 412, "uri": "https://status.test/1"},
		"identifier_list": object{"id": []byte{1}, "uri": "https://other.test"},
	}
	c := parseOne(t, d.sign(t, p)).Credential
	require.Equal(t, "https://status.test/1", c.StatusURI)
	require.EqualValues(t, 412, c.StatusIdx)

	d = newDocument(t)
	d.mso["status"] = object{"identifier_list": object{"id": []byte{1}, "uri": "https://other.test"}}
	c = parseOne(t, d.sign(t, p)).Credential
	require.Equal(t, "https://other.test", c.StatusURI)
	require.EqualValues(t, -1, c.StatusIdx, "it has no index, not the index 0")
}

// A deviceKey that cannot be read, or that shows its private half, binds the
// document to nobody.
func TestHolderKey(t *testing.T) {
	p := pkitest.New(t, drawing)
	require.True(t, parseOne(t, newDocument(t).sign(t, p)).Credential.HolderKey)
	for _, key := range []any{
		nil, 1, object{}, map[int]any{1: 1, -1: 7, -2: make([]byte, 57)},
		map[int]any{1: 1, -1: 6, -2: make([]byte, 32), -4: make([]byte, 32)},
	} {
		d := newDocument(t)
		d.mso["deviceKeyInfo"] = object{"deviceKey": key}
		sig := parseOne(t, d.sign(t, p))
		require.False(t, sig.Credential.HolderKey)
		require.Len(t, sig.Defects, 1)
	}
}

// Structures that are not what the standard says leave no facts at all.
func TestMSOMalformed(t *testing.T) {
	p := pkitest.New(t, drawing)
	for name, change := range map[string]func(*document){
		"version 2.0":         func(d *document) { d.mso["version"] = "2.0" },
		"no version":          func(d *document) { delete(d.mso, "version") },
		"a number of version": func(d *document) { d.mso["version"] = 1.0 },
		"no docType":          func(d *document) { delete(d.mso, "docType") },
		"null docType":        func(d *document) { d.mso["docType"] = nil },
		"no digestAlgorithm":  func(d *document) { delete(d.mso, "digestAlgorithm") },
		"null valueDigests":   func(d *document) { d.mso["valueDigests"] = nil },
		"digest below 0":      func(d *document) { d.mso["valueDigests"] = object{namespace: map[int][]byte{-1: {}}} },
		"digest by name":      func(d *document) { d.mso["valueDigests"] = object{namespace: map[string][]byte{"5": {}}} },
		"digest as text":      func(d *document) { d.mso["valueDigests"] = object{namespace: map[int]string{5: ""}} },
		"digests as a list":   func(d *document) { d.mso["valueDigests"] = object{namespace: []int{1}} },
		"numbered namespace":  func(d *document) { d.mso["valueDigests"] = map[int]any{1: map[int][]byte{5: {}}} },
		"no validityInfo":     func(d *document) { delete(d.mso, "validityInfo") },
		"no validUntil":       func(d *document) { delete(d.mso["validityInfo"].(object), "validUntil") },
		"epoch":               func(d *document) { d.mso["validityInfo"].(object)["signed"] = cbor.Tag{Number: 1, Content: 1} },
		"tag 0 of a number":   func(d *document) { d.mso["validityInfo"].(object)["signed"] = cbor.Tag{Number: 0, Content: 1} },
		"no salt":             func(d *document) { delete(d.item, "random") },
		"no digestID":         func(d *document) { delete(d.item, "digestID") },
		"digestID below 0":    func(d *document) { d.item["digestID"] = -5 },
		"digestID too large":  func(d *document) { d.item["digestID"] = uint64(math.MaxUint64) },
		"no name":             func(d *document) { delete(d.item, "elementIdentifier") },
		"no value":            func(d *document) { delete(d.item, "elementValue") },
		"value says two":      func(d *document) { d.item["elementValue"] = cbor.RawMessage("\xa2\x61a\x01\x61a\x02") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDocument(t)
			change(d)
			_, err := mdoc.Parser{}.Parse(input(d.sign(t, p)))
			want := formats.ErrMalformed
			if name == "version 2.0" {
				want = formats.ErrUnsupported
			}
			require.ErrorIs(t, err, want)
		})
	}
}

// An issuer without a chain, or with RSA, and IssuerAuth in a tag.
func TestIssuerAuthRules(t *testing.T) {
	p := pkitest.New(t, drawing)
	var doc map[string]cbor.RawMessage
	require.NoError(t, cbor.Unmarshal(newDocument(t).sign(t, p), &doc))
	var auth []cbor.RawMessage
	require.NoError(t, cbor.Unmarshal(doc["issuerAuth"], &auth))

	doc["issuerAuth"] = append([]byte{0xd2}, encode(t, auth)...)
	sig := parseOne(t, encode(t, doc))
	require.Empty(t, fatal(sig))
	require.Equal(t, "issuerAuth has a tag", sig.Defects[0].Text)

	auth[1] = encode(t, object{})
	doc["issuerAuth"] = encode(t, auth)
	sig = parseOne(t, encode(t, doc))
	require.Contains(t, fatal(sig), "no certificate of the issuer")
	require.Nil(t, sig.Signer.Certificate)

	auth[0] = encode(t, encode(t, map[int]int{1: -37}))
	doc["issuerAuth"] = encode(t, auth)
	require.Equal(t, pki.PSSSHA256, parseOne(t, encode(t, doc)).Algorithm)
}

// What people are shown of an element.
func TestShow(t *testing.T) {
	p := pkitest.New(t, drawing)
	long := strings.Repeat("ї", 3000)
	for _, c := range []struct {
		value any
		want  string
	}{
		{"Олена", "Олена"},
		{"two\nlines", `"two\nlines"`},
		{"\x1b[2Jgone", `"\x1b[2Jgone"`},
		{"abc\u202edef", `"abc\u202edef"`},
		{long, strings.Repeat("ї", 2048) + "… (6000 bytes)"},
		{[]byte{1, 2, 3}, "(3 bytes)"},
		{true, "true"},
		{nil, "null"},
		{1.5, "1.5"},
		{int64(math.MinInt64), "-9223372036854775808"},
		{cbor.RawMessage("\x3b\xff\xff\xff\xff\xff\xff\xff\xff"), "-18446744073709551616"},
		{*new(big.Int).Lsh(big.NewInt(1), 70), "1180591620717411303424"},
		{*new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 70)), "-1180591620717411303424"},
		{cbor.Tag{Number: 2, Content: make([]byte, 100)}, "(a number of 100 bytes)"},
		{cbor.Tag{Number: 1004, Content: "2026-06-01"}, "2026-06-01"},
		{cbor.Tag{Number: 0, Content: "2026-06-01T12:00:00Z"}, "2026-06-01T12:00:00Z"},
		{cbor.Tag{Number: 24, Content: []byte{0x61, 'a'}}, `"a"`},
		{cbor.Tag{Number: 999, Content: "x"}, `999("x")`},
		{[]any{}, "[]"},
		{[]any{"a", 1, []byte{1}}, `["a", 1, (1 bytes)]`},
		{map[any]any{"b": 1, "a": object{"x\n": false}, 3: nil}, `{3: null, a: {"x\n": false}, b: 1}`},
		{bytes.Split(make([]byte, 70000), []byte{})[:1], "[(1 bytes)]"},
		{[]any{make([]byte, 70000)}, "(a structure of 70006 bytes)"},
	} {
		d := newDocument(t)
		d.item["elementValue"] = c.value
		require.Equal(t, c.want, parseOne(t, d.sign(t, p)).Credential.Elements[0].Value)
	}
	d := newDocument(t)
	d.item["elementIdentifier"] = "x\x1b[2J"
	require.Equal(t, namespace+"/x", parseOne(t, d.sign(t, p)).References[0].Name[1:len(namespace)+3])
}
