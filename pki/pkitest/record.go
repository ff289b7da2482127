package pkitest

import (
	"bytes"
	"context"
	"slices"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

// Record is an evidence record in the making (RFC 4998), by hand: nothing in it
// was written by what reads it. Time is Now, which the test moves.
//
//	r := p.Record("tsa", pki.SHA256, []byte("data"))
//	p.Now = p.Now.AddDate(1, 0, 0)
//	r.RenewStamp("tsa2")
//	r.RenewTree("tsa3", pki.SHA512)
//	raw := r.DER()
type Record struct {
	p       *PKI
	objects [][]byte
	chains  []recordChain
	Plain   bool // the next archive time-stamps have no tree
	Unnamed bool // the chains' algorithms are not listed at the top
}

type recordChain struct {
	hash   pki.Hash
	stamps []recordStamp
}

// recordStamp is an ArchiveTimeStamp: what stands before its token, and that.
type recordStamp struct {
	by          string
	head, token []byte
}

// Record starts a record over data objects with a time-stamp of name, whose
// certificates and lists are in the token.
func (p *PKI) Record(name string, h pki.Hash, objects ...[]byte) *Record {
	r := &Record{p: p, objects: objects}
	var leaves [][]byte
	for _, o := range objects {
		leaves = append(leaves, h.Sum(o))
	}
	r.add(name, h, true, leaves...)
	return r
}

// RenewStamp adds an archive time-stamp over the last one (§5.2), which is given
// the lists of the day before that.
func (r *Record) RenewStamp(name string) {
	h := r.chains[len(r.chains)-1].hash
	r.add(name, h, false, h.Sum(r.refresh()))
}

// refresh puts the lists of Now into the last token: its renewal will prove that
// they were there.
func (r *Record) refresh() []byte {
	stamps := r.chains[len(r.chains)-1].stamps
	last := &stamps[len(stamps)-1]
	last.token = r.p.withLists(last.token, last.by)
	return last.token
}

// RenewTree begins a chain with another algorithm (§5.2).
func (r *Record) RenewTree(name string, h pki.Hash) {
	r.refresh()
	before := h.Sum(r.sequence())
	var leaves [][]byte
	for _, o := range r.objects {
		leaves = append(leaves, h.Sum(slices.Concat(h.Sum(o), before)))
	}
	r.add(name, h, true, leaves...)
}

// add makes a tree over the leaves with strangers beside them, two lists high,
// and has its root stamped.
func (r *Record) add(name string, h pki.Hash, fresh bool, leaves ...[]byte) {
	root := leaves[0]
	var tree []byte
	if !r.Plain {
		first := append(slices.Clone(leaves), h.Sum([]byte("a neighbour")))
		second := [][]byte{h.Sum([]byte("an aunt")), h.Sum([]byte("an uncle"))}
		tree = element(0xa2, slices.Concat(hashList(first), hashList(second)))
		root = parent(h, append(second, parent(h, first)))
	}
	token := r.p.Token(name, h, root)
	if fresh {
		r.chains = append(r.chains, recordChain{hash: h})
	}
	c := &r.chains[len(r.chains)-1]
	id := h.AlgorithmIdentifier()
	id[0] = 0xa0 // [0] IMPLICIT
	c.stamps = append(c.stamps, recordStamp{name, slices.Concat(id, tree), token})
}

// parent is the digest of sorted and concatenated digests (§4.2.1).
func parent(h pki.Hash, list [][]byte) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, bytes.Compare)
	return h.Sum(bytes.Join(list, nil))
}

func hashList(list [][]byte) []byte {
	var out []byte
	for _, d := range list {
		out = append(out, element(0x04, d)...)
	}
	return element(0x30, out)
}

func (r *Record) sequence() []byte {
	var out []byte
	for _, c := range r.chains {
		var chain []byte
		for _, s := range c.stamps {
			chain = append(chain, element(0x30, slices.Concat(s.head, s.token))...)
		}
		out = append(out, element(0x30, chain)...)
	}
	return element(0x30, out)
}

// DER is the EvidenceRecord.
func (r *Record) DER() []byte {
	var algorithms []byte
	for _, c := range r.chains {
		if !r.Unnamed {
			algorithms = append(algorithms, c.hash.AlgorithmIdentifier()...)
		}
	}
	if r.Unnamed {
		algorithms = pki.SHA384.AlgorithmIdentifier()
	}
	return element(0x30, slices.Concat([]byte{2, 1, 1}, element(0x30, algorithms), r.sequence()))
}

// Token is a time-stamp of name at Now, with the certificates and the lists of
// its path in it.
func (p *PKI) Token(name string, h pki.Hash, imprint []byte) []byte {
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: p.Key(name, pki.UseTimestamp), Policy: "1.3.6.1.4.1.32473.1", Now: p.Clock(),
	})
	if err != nil {
		p.fail("time-stamp authority %s: %v", name, err)
	}
	token, err := authority.Timestamp(context.Background(), h, imprint)
	if err != nil {
		p.fail("time-stamp of %s: %v", name, err)
	}
	return p.withLists(token, name)
}

// withLists puts the certificates and the lists of name's path into a token.
func (p *PKI) withLists(token []byte, name string) []byte {
	var values cms.Values
	for _, c := range p.Chain(name) {
		values.Certificates = append(values.Certificates, c.Raw)
	}
	for e := p.entity(name).issuer; e != nil; e = e.issuer {
		values.CRLs = append(values.CRLs, p.CRL(e.name))
	}
	out, err := cms.AddValues(token, values)
	if err != nil {
		p.fail("time-stamp of %s: %v", name, err)
	}
	return out
}
