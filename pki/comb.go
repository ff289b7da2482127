package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"math/big"

	"filippo.io/nistec"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A comb is a P-256 public key Q prepared for many verifications. Two thirds of
// the work of one is to multiply Q by a scalar bit after bit; with the multiples
//
//	row i:  1·2^6i·Q  2·2^6i·Q  …  32·2^6i·Q
//
// it is one addition for each six bits of the scalar, whose digits are written
// as -31 to 32. It costs as much as eight verifications to make, and 130 KB to
// keep. Nothing here is secret, so nothing needs to take constant time.
type comb [combRows][combHalf]nistec.P256Point

const (
	combBits = 6
	combHalf = 1 << (combBits - 1)             // multiples in a row; negative ones come by negation
	combRows = (256 + combBits - 1) / combBits // 43: two bits more than the scalar has, for the last carry
)

func newComb(key *ecdsa.PublicKey) (*comb, error) {
	if key.Curve != elliptic.P256() {
		return nil, errors.New("preparing a key of another curve than P-256")
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	base, err := nistec.NewP256Point().SetBytes(point)
	if err != nil {
		return nil, err
	}
	c := new(comb)
	for i := range c {
		row := &c[i]
		row[0].Set(base)
		for j := 1; j < combHalf; j++ {
			row[j].Add(&row[j-1], base)
		}
		base.Double(&row[combHalf-1])
	}
	return c, nil
}

// addMultiple adds k·Q to sum, k big-endian.
func (c *comb) addMultiple(sum *nistec.P256Point, k *[32]byte) {
	var negative nistec.P256Point
	carry := 0
	for i := range c {
		digit := carry
		for bit := i * combBits; bit < min((i+1)*combBits, 256); bit++ {
			digit += int(k[31-bit/8]>>(bit%8)&1) << (bit % combBits)
		}
		carry = 0
		if digit > combHalf {
			digit, carry = digit-2*combHalf, 1
		}
		switch {
		case digit > 0:
			sum.Add(sum, &c[i][digit-1])
		case digit < 0:
			sum.Add(sum, negative.Negate(&c[i][-digit-1]))
		}
	}
}

// verify is ecdsa.VerifyASN1 (FIPS 186-5 §6.4.2) under the prepared key.
func (c *comb) verify(digest, sig []byte) bool {
	in := cryptobyte.String(sig)
	var seq cryptobyte.String
	var rRaw, sRaw []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Integer(&rRaw) || !seq.ReadASN1Integer(&sRaw) || !seq.Empty() {
		return false
	}
	order := elliptic.P256().Params().N
	r, s := new(big.Int).SetBytes(rRaw), new(big.Int).SetBytes(sRaw)
	for _, v := range []*big.Int{r, s} {
		if v.Sign() == 0 || v.Cmp(order) >= 0 {
			return false
		}
	}
	// u1 = e/s, u2 = r/s; e is the leftmost 256 bits of the digest.
	u1 := new(big.Int).SetBytes(digest[:min(len(digest), 32)])
	u2 := new(big.Int).ModInverse(s, order)
	u1.Mul(u1, u2).Mod(u1, order)
	u2.Mul(u2, r).Mod(u2, order)
	var k1, k2 [32]byte
	sum, err := nistec.NewP256Point().ScalarBaseMult(u1.FillBytes(k1[:]))
	if err != nil {
		return false
	}
	u2.FillBytes(k2[:])
	c.addMultiple(sum, &k2)
	x, err := sum.BytesX() // fails at infinity
	if err != nil {
		return false
	}
	u1.SetBytes(x)
	return u1.Mod(u1, order).Cmp(r) == 0
}

// combs finds out which keys are used often, and prepares them. It is bounded
// and safe for concurrent use; nil prepares none.
type combs struct {
	uses  Generations[combKey, int]
	ready Generations[combKey, *comb]
}

type combKey [65]byte // the uncompressed point

// A key is prepared when it has been used often enough that the work would
// have paid twice over; one in a hundred documents is then no loss, either.
const (
	usesBeforeComb = 32
	watchedKeys    = 1 << 10
	preparedKeys   = 16 // to 32, of 130 KB each
)

func newCombs() *combs {
	return &combs{
		uses:  Generations[combKey, int]{Limit: watchedKeys},
		ready: Generations[combKey, *comb]{Limit: preparedKeys},
	}
}

// of returns what was prepared for the key, nil if nothing.
func (c *combs) of(key *ecdsa.PublicKey) *comb {
	if c == nil || key.Curve != elliptic.P256() {
		return nil
	}
	point, err := key.Bytes()
	if err != nil {
		return nil
	}
	id := combKey(point)
	if made, ok := c.ready.Get(id); ok {
		return made
	}
	used, _ := c.uses.Get(id)
	c.uses.Put(id, used+1)
	if used+1 < usesBeforeComb {
		return nil
	}
	made, err := newComb(key)
	if err != nil {
		return nil
	}
	c.ready.Put(id, made)
	c.uses.Put(id, 0) // to be counted anew when it has been forgotten
	return made
}
