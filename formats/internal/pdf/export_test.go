package pdf

import (
	"bytes"
	"crypto/cipher"
	"crypto/md5"
	"encoding/binary"
	"fmt"
)

// Seal writes an encrypted file by the standard's own algorithms for writers,
// which the package has no need of: object n is bodies[n-1], the first one the
// catalogue. The tests that compare with qpdf tell whether it does so rightly.
// Revision 7 stands for AES-128 in crypt filters of revision 4, and 8 for a key
// of 40 bits in revision 3, as PDFBox has it.
func Seal(revision int, user, owner string, bodies ...string) ([]byte, error) {
	h, text := seal(revision, user, owner)
	u := &Update{f: &File{state: &state{crypt: h}}}
	var b bytes.Buffer
	b.WriteString("%PDF-2.0\n")
	var offsets []int
	for i, body := range bodies {
		o := &object{ref: Ref{Num: uint32(i + 1)}, body: []byte(body)}
		if err := u.encrypt(o); err != nil {
			return nil, err
		}
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o.body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(bodies)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /ID [<%X> <%X>]\n/Encrypt %s >>\nstartxref\n%d\n%%%%EOF\n",
		len(bodies)+1, h.id, h.id, text, start)
	return b.Bytes(), nil
}

func seal(revision int, user, owner string) (*handler, string) {
	h := &handler{
		revision: min(revision, 6), bits: 128, permissions: 0xFFFFFFFC, id: []byte("0123456789abcdef"),
		metadata: true, strings: rc4Cipher, streams: rc4Cipher, embedded: rc4Cipher,
	}
	switch revision {
	case 7:
		h.revision = 4
	case 8:
		h.revision = 3
	}
	text := fmt.Sprintf("<< /Filter /Standard /R %d /P -4", h.revision)
	switch {
	case revision == 2:
		h.bits = 40
		text += " /V 1"
	case revision == 8:
		h.bits = 40
		text += " /V 1 /Length 40"
	case revision == 3:
		text += " /V 2 /Length 128"
	case revision == 4 || revision == 7:
		method := "V2"
		if revision == 7 {
			method = "AESV2"
			h.strings, h.streams, h.embedded = aes128, aes128, aes128
		}
		text += " /V 4 /Length 128 /CF << /StdCF << /CFM /" + method + " >> >> /StmF /StdCF /StrF /StdCF"
	default:
		h.bits, h.strings, h.streams, h.embedded = 256, aes256, aes256, aes256
		text += " /V 5 /Length 256 /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF"
		h.sealAES([]byte(user[:min(len(user), maxPassword)]), []byte(owner[:min(len(owner), maxPassword)]))
		return h, fmt.Sprintf("%s /O <%X> /U <%X> /OE <%X> /UE <%X> /Perms <%X> >>",
			text, h.o, h.u, h.oe, h.ue, h.perms)
	}
	h.sealOld([]byte(user), []byte(owner))
	return h, fmt.Sprintf("%s /O <%X> /U <%X> >>", text, h.o, h.u)
}

// sealOld is algorithms 3 to 5 (§7.6.4.4).
func (h *handler) sealOld(user, owner []byte) {
	sum := md5.Sum(pad(owner))
	if h.revision == 2 {
		h.o = arc4(sum[:5], pad(user))
	} else {
		for range 50 {
			sum = md5.Sum(sum[:h.keyLength()])
		}
		h.o = arc4Rounds(sum[:h.keyLength()], pad(user), func(i int) int { return i })
	}
	h.key = h.oldKey(pad(user))
	h.u = append(h.oldUser(h.key), make([]byte, 16)...)[:32]
}

// sealAES is algorithms 8 to 10 (§7.6.4.4.7 and after).
func (h *handler) sealAES(user, owner []byte) {
	h.key = []byte("a key that no one will ever use.")
	locked := func(password, other []byte) (check, sealed []byte) {
		check = append(h.hash(password, []byte("validate"), other), "validatekey salt"...)
		sealed = make([]byte, 32)
		block := newAES(h.hash(password, []byte("key salt"), other))
		cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(sealed, h.key)
		return check, sealed
	}
	h.u, h.ue = locked(user, nil)
	h.o, h.oe = locked(owner, h.u)
	perms := binary.LittleEndian.AppendUint32(nil, h.permissions)
	perms = append(perms, "\xFF\xFF\xFF\xFFTadb1234"...)
	h.perms = make([]byte, 16)
	newAES(h.key).Encrypt(h.perms, perms)
}
