package formattest_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/formattest"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// seal is the smallest format that there is, to test the suite by: a line of
// JSON before the content.
type seal struct{}

type header struct {
	Seal                string
	Leaf, Digest, Value []byte
}

func (seal) ID() formats.ID         { return "seal" }
func (seal) Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte(`{"Seal":"1"`)) }

func (seal) Parse(in formats.Input) (*formats.Document, error) {
	data := make([]byte, in.Size)
	if _, err := in.ReadAt(data, 0); err != nil && err != io.EOF {
		return nil, err
	}
	line, content, found := bytes.Cut(data, []byte("\n"))
	var h header
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil || !found || h.Seal != "1" {
		return nil, fmt.Errorf("reading a seal: %w", formats.ErrMalformed)
	}
	leaf, err := x509.ParseCertificate(h.Leaf)
	if err != nil {
		return nil, fmt.Errorf("reading a seal: %w", formats.ErrMalformed)
	}
	return &formats.Document{Format: "seal", Title: "a seal", Signatures: []formats.Signature{{
		Algorithm: pki.ECDSASHA256, Signed: h.Digest, Value: h.Value,
		Signer:   formats.CertificateRef{Certificate: leaf},
		Coverage: formats.Coverage{Whole: true},
		References: []formats.Reference{{
			Name: "content", Hash: pki.SHA256, Want: h.Digest,
			Open: func() io.Reader { return bytes.NewReader(content) },
		}},
	}}}, nil
}

type sealer struct{}

func (sealer) ID() formats.ID { return "seal" }

func (sealer) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	data, err := io.ReadAll(in.Reader())
	if err != nil {
		return nil, err
	}
	sum := pki.SHA256.Sum(data)
	state, err := json.Marshal(struct {
		Header  header
		Content []byte
	}{header{Seal: "1", Leaf: p.Chain[0].Raw, Digest: sum}, data})
	return &formats.Pending{Format: "seal", Algorithm: p.Algorithm, ToBeSigned: sum, State: state}, err
}

func (sealer) StampInput(*formats.Pending, []byte) []byte { return nil }

func (sealer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	var state struct {
		Header  header
		Content []byte
	}
	if err := json.Unmarshal(p.State, &state); err != nil {
		return formats.Edit{}, err
	}
	state.Header.Value = c.Value
	line, err := json.Marshal(state.Header)
	return formats.Edit{Tail: append(append(line, '\n'), state.Content...)}, err
}

// The suite passes a format that keeps the rules. That it fails those that do
// not is seen where it found something: it is the bending that counts.
func TestSuite(t *testing.T) {
	p := pkitest.New(t, "root -> alice")
	key := p.Key("alice", pki.UseSign)
	in := formats.Input{Name: "x", ReaderAt: bytes.NewReader([]byte("content")), Size: 7}
	params := formats.Params{Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now}
	pending, err := sealer{}.Prepare(in, params)
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, params.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := sealer{}.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	formattest.Test(t, formattest.Format{
		Parser:  seal{},
		Samples: []formattest.Sample{{Name: "good", Bytes: edit.Tail}},
		Writers: []formattest.Writer{{
			Name: "seal", New: func(io.Reader) formats.Preparer { return sealer{} },
			Input: in, Params: params, Key: key, Use: pki.UseSign,
		}},
	})
}
