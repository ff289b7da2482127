package softkey

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"hash"

	"tamga/pki"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/scrypt"
)

// Limits of what a file may cost its reader.
const (
	maxScryptMemory = 256 << 20 // 128·N·r bytes
	maxScryptPasses = 4         // of p over that much
	maxIterations   = 10_000_000
)

// The identifiers of RFC 8018 appendices A and B, RFC 7914 §7, and of NIST's
// AES modes.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	oidAES256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

var aesKeySizes = map[string]int{
	"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, oidAES256.String(): 32,
}

var hmacHashes = map[string]pki.Hash{
	"1.2.840.113549.2.7": pki.SHA1, "1.2.840.113549.2.9": pki.SHA256,
	"1.2.840.113549.2.10": pki.SHA384, "1.2.840.113549.2.11": pki.SHA512,
}

// encrypted is an EncryptedPrivateKeyInfo that has been read, not yet opened.
type encrypted struct {
	salt       []byte
	iterations int // PBKDF2 if not zero
	prf        pki.Hash
	n, r, p    int // scrypt
	keySize    int
	iv         []byte
	data       []byte
}

// parseEncrypted reads RFC 5958 §3 with RFC 8018 §A.4:
//
//	EncryptedPrivateKeyInfo ::= SEQUENCE {
//	    encryptionAlgorithm SEQUENCE { OID pkcs5PBES2, PBES2-params },
//	    encryptedData       OCTET STRING }
//	PBES2-params ::= SEQUENCE {
//	    keyDerivationFunc AlgorithmIdentifier,
//	    encryptionScheme  AlgorithmIdentifier }
func parseEncrypted(der []byte) (*encrypted, error) {
	in := cryptobyte.String(der)
	var info, algorithm, data, params, kdf, scheme, iv cryptobyte.String
	var id, kdfID, schemeID asn1.ObjectIdentifier
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !in.Empty() ||
		!info.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !info.ReadASN1(&data, cbasn1.OCTET_STRING) || !info.Empty() ||
		!algorithm.ReadASN1ObjectIdentifier(&id) {
		return nil, malformed("no EncryptedPrivateKeyInfo")
	}
	if !id.Equal(oidPBES2) {
		return nil, fmt.Errorf("encryption %s, not PBES2: %w", id, ErrUnsupported)
	}
	if !algorithm.ReadASN1(&params, cbasn1.SEQUENCE) || !algorithm.Empty() ||
		!params.ReadASN1(&kdf, cbasn1.SEQUENCE) || !params.ReadASN1(&scheme, cbasn1.SEQUENCE) || !params.Empty() ||
		!kdf.ReadASN1ObjectIdentifier(&kdfID) ||
		!scheme.ReadASN1ObjectIdentifier(&schemeID) {
		return nil, malformed("the PBES2 parameters")
	}
	e := &encrypted{data: data, keySize: aesKeySizes[schemeID.String()]}
	if e.keySize == 0 {
		return nil, fmt.Errorf("cipher %s, not AES in CBC mode: %w", schemeID, ErrUnsupported)
	}
	if !scheme.ReadASN1(&iv, cbasn1.OCTET_STRING) || !scheme.Empty() || len(iv) != aes.BlockSize {
		return nil, malformed("the cipher's parameters")
	}
	if e.iv = iv; len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, malformed("the encrypted data is no number of whole blocks")
	}
	err := fmt.Errorf("key derivation %s: %w", kdfID, ErrUnsupported)
	switch {
	case kdfID.Equal(oidPBKDF2):
		err = e.parsePBKDF2(kdf)
	case kdfID.Equal(oidScrypt):
		err = e.parseScrypt(kdf)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// parsePBKDF2 reads RFC 8018 §A.2; a salt from another source is not supported
// by anybody:
//
//	PBKDF2-params ::= SEQUENCE {
//	    salt           CHOICE { specified OCTET STRING, otherSource … },
//	    iterationCount INTEGER, keyLength INTEGER OPTIONAL,
//	    prf            AlgorithmIdentifier DEFAULT hmacWithSHA1 }
func (e *encrypted) parsePBKDF2(in cryptobyte.String) error {
	var seq, salt, prf cryptobyte.String
	var id asn1.ObjectIdentifier
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&salt, cbasn1.OCTET_STRING) ||
		!seq.ReadASN1Integer(&e.iterations) || !e.readKeyLength(&seq) {
		return malformed("the PBKDF2 parameters")
	}
	e.salt, e.prf = salt, pki.SHA1
	if e.iterations < 1 || e.iterations > maxIterations {
		return fmt.Errorf("PBKDF2 with %d rounds, not 1 to %d: %w", e.iterations, maxIterations, ErrUnsupported)
	}
	if seq.Empty() {
		return nil
	}
	if !seq.ReadASN1(&prf, cbasn1.SEQUENCE) || !seq.Empty() || !prf.ReadASN1ObjectIdentifier(&id) {
		return malformed("the PBKDF2 parameters")
	}
	if e.prf = hmacHashes[id.String()]; !e.prf.Known() {
		return fmt.Errorf("PBKDF2 with function %s: %w", id, ErrUnsupported)
	}
	return nil
}

// parseScrypt reads RFC 7914 §7.1:
//
//	scrypt-params ::= SEQUENCE {
//	    salt OCTET STRING, costParameter INTEGER, blockSize INTEGER,
//	    parallelizationParameter INTEGER, keyLength INTEGER OPTIONAL }
func (e *encrypted) parseScrypt(in cryptobyte.String) error {
	var seq, salt cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&salt, cbasn1.OCTET_STRING) ||
		!seq.ReadASN1Integer(&e.n) || !seq.ReadASN1Integer(&e.r) || !seq.ReadASN1Integer(&e.p) ||
		!e.readKeyLength(&seq) || !seq.Empty() {
		return malformed("the scrypt parameters")
	}
	e.salt = salt
	if e.n < 2 || e.n&(e.n-1) != 0 || e.r < 1 || e.p < 1 {
		return malformed("the scrypt parameters")
	}
	// Divided, not multiplied: a product could overflow into a small number.
	const blocks = maxScryptMemory / 128
	if e.n > blocks/e.r || e.p > maxScryptPasses*blocks/(e.n*e.r) {
		return fmt.Errorf("scrypt with N=%d, r=%d, p=%d, more than %d MiB and %d passes: %w",
			e.n, e.r, e.p, maxScryptMemory>>20, maxScryptPasses, ErrUnsupported)
	}
	return nil
}

// readKeyLength reads the optional length, which must be the cipher's.
func (e *encrypted) readKeyLength(in *cryptobyte.String) bool {
	if !in.PeekASN1Tag(cbasn1.INTEGER) {
		return true
	}
	var n int
	return in.ReadASN1Integer(&n) && n == e.keySize
}

// open returns the PrivateKeyInfo, or [ErrPassphrase]. The caller wipes it.
func (e *encrypted) open(passphrase []byte) ([]byte, error) {
	key, err := e.deriveKey(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(e.data))
	cipher.NewCBCDecrypter(block, e.iv).CryptBlocks(plain, e.data)
	// RFC 8018 §B.2.5: padding of 1 to 16 octets, each its number. There is no
	// oracle to fear: passphrase and file are the same person's.
	n := int(plain[len(plain)-1])
	ok := n >= 1 && n <= aes.BlockSize
	for i := 1; ok && i <= n; i++ {
		ok = plain[len(plain)-i] == byte(n)
	}
	if !ok {
		clear(plain)
		return nil, ErrPassphrase
	}
	return plain[:len(plain)-n], nil
}

func (e *encrypted) deriveKey(passphrase []byte) ([]byte, error) {
	if e.iterations == 0 {
		return scrypt.Key(passphrase, e.salt, e.n, e.r, e.p, e.keySize)
	}
	return pbkdf2.Key(func() hash.Hash { return e.prf.New() }, string(passphrase), e.salt, e.iterations, e.keySize)
}

// What files are written with; see the package comment.
const (
	writeN, writeR, writeP = 1 << 13, 8, 10
	saltSize               = 16
)

// seal encrypts a PrivateKeyInfo and returns the DER that parseEncrypted reads.
func seal(plain, passphrase []byte) ([]byte, error) {
	e := &encrypted{
		salt: make([]byte, saltSize), n: writeN, r: writeR, p: writeP,
		keySize: 32, iv: make([]byte, aes.BlockSize),
	}
	rand.Read(e.salt) // never fails, as of Go 1.24
	rand.Read(e.iv)
	key, err := e.deriveKey(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	data := make([]byte, len(plain)+n)
	for i := copy(data, plain); i < len(data); i++ {
		data[i] = byte(n)
	}
	cipher.NewCBCEncrypter(block, e.iv).CryptBlocks(data, data)
	e.data = data
	return e.marshal()
}

// marshal writes e, whose key comes from scrypt, in the layout that
// parseEncrypted and parseScrypt draw.
func (e *encrypted) marshal() ([]byte, error) {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, id asn1.ObjectIdentifier, params func(b *cryptobyte.Builder)) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			params(b)
		})
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		sequence(b, oidPBES2, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				sequence(b, oidScrypt, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1OctetString(e.salt)
						b.AddASN1Int64(int64(e.n))
						b.AddASN1Int64(int64(e.r))
						b.AddASN1Int64(int64(e.p))
					})
				})
				sequence(b, oidAES256, func(b *cryptobyte.Builder) { b.AddASN1OctetString(e.iv) })
			})
		})
		b.AddASN1OctetString(e.data)
	})
	return b.Bytes()
}
