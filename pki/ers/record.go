package ers

import (
	"errors"
	"fmt"
	"time"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

var (
	// ErrMalformed says that the bytes are no EvidenceRecord.
	ErrMalformed = errors.New("malformed evidence record")
	// ErrTooLarge says that a limit of this package was reached.
	ErrTooLarge = errors.New("evidence record too large")
)

// Limits of a record.
const (
	maxSize       = 16 << 20
	maxStamps     = 100 // archive time-stamps, and chains
	maxLists      = 100 // in one tree
	maxDigests    = 10_000
	maxAlgorithms = 32
	maxFields     = 100 // of a SEQUENCE; more than any has, so that one too many is told as such
)

// Defect is a departure from RFC 4998. A fatal one leaves a record that proves
// nothing.
type Defect struct {
	Clause string
	Text   string
	Fatal  bool
}

// Record is an EvidenceRecord. Byte slices lie in the bytes that were parsed.
//
//	EvidenceRecord ::= SEQUENCE { version INTEGER { v1(1) },
//	  digestAlgorithms SEQUENCE OF AlgorithmIdentifier,
//	  cryptoInfos [0] IMPLICIT SEQUENCE OF Attribute OPTIONAL,
//	  encryptionInfo [1] IMPLICIT SEQUENCE OPTIONAL,
//	  archiveTimeStampSequence SEQUENCE OF ArchiveTimeStampChain }
type Record struct {
	Raw         []byte
	Algorithms  []pki.Hash // those of ours among digestAlgorithms
	CryptoInfos bool       // there are some; no specification says what they mean
	Chains      []Chain    // oldest first, never empty
	Defects     []Defect
}

// Chain is an ArchiveTimeStampChain, SEQUENCE OF ArchiveTimeStamp.
type Chain struct {
	Raw    []byte
	Hash   pki.Hash // of its first archive time-stamp
	Stamps []Stamp  // oldest first, never empty
}

// Stamp is one archive time-stamp.
//
//	ArchiveTimeStamp ::= SEQUENCE {
//	  digestAlgorithm [0] IMPLICIT AlgorithmIdentifier OPTIONAL,
//	  attributes [1] IMPLICIT SET OF Attribute OPTIONAL,
//	  reducedHashtree [2] IMPLICIT SEQUENCE OF PartialHashtree OPTIONAL,
//	  timeStamp ContentInfo }
//	PartialHashtree ::= SEQUENCE OF OCTET STRING
type Stamp struct {
	Hash  pki.Hash   // of the tree: digestAlgorithm, or else that of the token
	Tree  [][][]byte // nil: none, and the token is over the digest of the data
	Token []byte     // TimeStampToken, as it came
	Info  *tsa.Info  // what the token says
}

// Parse reads a record. The error wraps [ErrMalformed] or [ErrTooLarge].
func Parse(raw []byte) (*Record, error) { return ParseWith(nil, raw) }

// ParseWith is [Parse] with a memory for certificates, which may be nil.
func ParseWith(memo *pki.Memo, raw []byte) (*Record, error) {
	if len(raw) > maxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(raw))
	}
	outer, err := elements(raw, maxFields)
	if err != nil {
		return nil, err
	}
	if len(outer) != 1 || outer[0].Tag != tagSequence {
		return nil, fmt.Errorf("%w: not one SEQUENCE", ErrMalformed)
	}
	p := &parser{memo: memo, record: &Record{Raw: raw}}
	if err := p.fields(outer[0].Body); err != nil {
		return nil, err
	}
	p.record.examine()
	return p.record, nil
}

// ASN.1 tags as they stand in the first octet.
const (
	tagInteger     = 0x02
	tagOctetString = 0x04
	tagSequence    = 0x30
	tag0           = 0xa0
	tag1           = 0xa1
	tag2           = 0xa2
)

// elements splits a row, and tells its errors as those of this package.
func elements(in []byte, most int) ([]cms.Element, error) {
	out, err := cms.Elements(in, most)
	switch {
	case errors.Is(err, cms.ErrTooLarge):
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return out, nil
}

// parser counts what all parts of a record hold together.
type parser struct {
	memo            *pki.Memo
	record          *Record
	stamps, digests int
}

func (p *parser) fields(in []byte) error {
	fields, err := elements(in, maxFields)
	if err != nil {
		return err
	}
	if len(fields) < 3 || fields[0].Tag != tagInteger || fields[1].Tag != tagSequence {
		return fmt.Errorf("%w: version or digestAlgorithms", ErrMalformed)
	}
	if v := fields[0].Body; len(v) != 1 || v[0] != 1 {
		return fmt.Errorf("%w: not of version 1", ErrMalformed)
	}
	algorithms, err := elements(fields[1].Body, maxAlgorithms)
	if err != nil {
		return fmt.Errorf("digestAlgorithms: %w", err)
	}
	for _, a := range algorithms {
		h, err := algorithm(a)
		if err != nil {
			return err
		}
		p.record.Algorithms = append(p.record.Algorithms, h)
	}
	rest := fields[2:]
	if rest[0].Tag == tag0 {
		p.record.CryptoInfos, rest = true, rest[1:]
	}
	if len(rest) > 0 && rest[0].Tag == tag1 {
		p.record.fatal("RFC 4998 6.1", "the data was encrypted before it was archived (encryptionInfo), which is not supported")
		rest = rest[1:]
	}
	if len(rest) != 1 || rest[0].Tag != tagSequence {
		return fmt.Errorf("%w: archiveTimeStampSequence", ErrMalformed)
	}
	chains, err := elements(rest[0].Body, maxStamps)
	if err != nil {
		return fmt.Errorf("archiveTimeStampSequence: %w", err)
	}
	for i, e := range chains {
		if err := p.chain(e); err != nil {
			return fmt.Errorf("chain %d: %w", i+1, err)
		}
	}
	if len(chains) == 0 {
		return fmt.Errorf("%w: no archive time-stamps", ErrMalformed)
	}
	return nil
}

// algorithm reads a digest AlgorithmIdentifier, under whatever tag.
func algorithm(e cms.Element) (pki.Hash, error) {
	if e.Tag&^0x20 == 0x80 { // [0] IMPLICIT: the tag that it replaces is SEQUENCE
		raw := append([]byte{}, e.Raw...)
		raw[0] = tagSequence
		e.Raw = raw
	}
	h, err := pki.ParseHashIdentifier(e.Raw)
	if err != nil && !errors.Is(err, pki.ErrUnknownAlgorithm) {
		return 0, fmt.Errorf("%w: digest algorithm: %w", ErrMalformed, err)
	}
	return h, nil
}

func (p *parser) chain(e cms.Element) error {
	if e.Tag != tagSequence {
		return fmt.Errorf("%w: no ArchiveTimeStampChain", ErrMalformed)
	}
	list, err := elements(e.Body, maxStamps)
	if err != nil {
		return err
	}
	c := Chain{Raw: e.Raw}
	for i, e := range list {
		if p.stamps++; p.stamps > maxStamps {
			return fmt.Errorf("%w: over %d archive time-stamps", ErrTooLarge, maxStamps)
		}
		s, err := p.stamp(e)
		if err != nil {
			return fmt.Errorf("archive time-stamp %d: %w", i+1, err)
		}
		c.Stamps = append(c.Stamps, s)
	}
	if len(c.Stamps) == 0 {
		return fmt.Errorf("%w: empty chain", ErrMalformed)
	}
	c.Hash = c.Stamps[0].Hash
	p.record.Chains = append(p.record.Chains, c)
	return nil
}

func (p *parser) stamp(e cms.Element) (s Stamp, err error) {
	if e.Tag != tagSequence {
		return s, fmt.Errorf("%w: no ArchiveTimeStamp", ErrMalformed)
	}
	fields, err := elements(e.Body, maxFields)
	if err != nil {
		return s, err
	}
	said := false
	if len(fields) > 0 && fields[0].Tag == tag0 {
		if s.Hash, err = algorithm(fields[0]); err != nil {
			return s, err
		}
		said, fields = true, fields[1:]
	}
	if len(fields) > 0 && fields[0].Tag == tag1 {
		fields = fields[1:] // attributes: OCSP responses and such, for whoever put them there
	}
	if len(fields) > 0 && fields[0].Tag == tag2 {
		if s.Tree, err = p.tree(fields[0].Body); err != nil {
			return s, fmt.Errorf("reducedHashtree: %w", err)
		}
		fields = fields[1:]
	}
	if len(fields) != 1 || fields[0].Tag != tagSequence {
		return s, fmt.Errorf("%w: timeStamp", ErrMalformed)
	}
	s.Token = fields[0].Raw
	if _, s.Info, err = tsa.ParseTokenWith(p.memo, s.Token); err != nil {
		return s, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !said { // §4.1: "If the optional field is not present, the digest algorithm of the timestamp MUST be used"
		s.Hash = s.Info.Hash
	}
	return s, nil
}

func (p *parser) tree(in []byte) ([][][]byte, error) {
	lists, err := elements(in, maxLists)
	if err != nil {
		return nil, err
	}
	out := make([][][]byte, 0, len(lists))
	for _, e := range lists {
		if e.Tag != tagSequence {
			return nil, fmt.Errorf("%w: no PartialHashtree", ErrMalformed)
		}
		digests, err := elements(e.Body, maxDigests)
		if err != nil {
			return nil, err
		}
		list := make([][]byte, 0, len(digests))
		for _, d := range digests {
			if d.Tag != tagOctetString {
				return nil, fmt.Errorf("%w: no OCTET STRING", ErrMalformed)
			}
			list = append(list, d.Body)
		}
		if p.digests += len(list); p.digests > maxDigests {
			return nil, fmt.Errorf("%w: over %d digests", ErrTooLarge, maxDigests)
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%w: empty PartialHashtree", ErrMalformed)
		}
		out = append(out, list)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: empty tree", ErrMalformed)
	}
	return out, nil
}

func (r *Record) fatal(clause, text string) {
	r.Defects = append(r.Defects, Defect{clause, text, true})
}

// examine notes what is wrong whatever the data and whoever made the tokens.
func (r *Record) examine() {
	listed := map[pki.Hash]bool{}
	for _, h := range r.Algorithms {
		listed[h] = true
	}
	var last time.Time
	for i, c := range r.Chains {
		if !listed[c.Hash] {
			r.Defects = append(r.Defects, Defect{"RFC 4998 3.1", fmt.Sprintf("digestAlgorithms do not name that of chain %d", i+1), false})
		}
		for k, s := range c.Stamps {
			name := fmt.Sprintf("archive time-stamp %d of chain %d", k+1, i+1)
			// §5.3 step 2: one algorithm within a chain. Were it free, a renewal
			// could pass through an algorithm that nobody believes any more.
			if s.Hash != c.Hash {
				r.fatal("RFC 4998 5.3", name+" uses another digest algorithm than its chain")
			}
			// §4.3 step 4: the root is made with the algorithm of the imprint.
			if !s.Hash.Known() || s.Info.Hash != s.Hash {
				r.fatal("RFC 4998 4.3", name+" is over another digest algorithm than its tree, or one that is not known")
			}
			if s.Info.Time.Before(last) {
				r.fatal("RFC 4998 5.3", name+" is older than the one before it")
			}
			last = s.Info.Time
			for _, list := range s.Tree {
				for _, digest := range list {
					if s.Hash.Known() && len(digest) != s.Hash.Size() {
						// Of other sizes, two lists could be cut from the same row of octets.
						r.fatal("RFC 4998 4.2.1", name+" has a tree with digests of another size")
						return
					}
				}
			}
		}
	}
}
