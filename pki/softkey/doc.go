// Package softkey keeps private keys in files: PKCS#8 (RFC 5208, RFC 5958)
// under PBES2 (RFC 8018 §6.2), in PEM (RFC 7468 §10, §11).
//
//	signer, err := softkey.Generate("p256")
//	err = softkey.Write("ca.key", signer, passphrase)
//	opener := softkey.Opener{Passphrase: softkey.PassphraseFile("ca.pass")}
//	signer, err = opener.OpenKey(ctx, "file:///etc/tamga/ca.key")
//
// [LoadChain] reads the certificates that belong to a key, from PEM.
//
// Written files are encrypted with AES-256-CBC under a key that scrypt (RFC
// 7914 §7) makes of the passphrase with N=2^13, r=8, p=10. That is a row of
// OWASP's table of equal strength which takes 8 MiB: opening a key must not
// cost more memory than signing a document of gigabytes does. (OpenSSL refuses
// more than 32 MiB, hence N=2^15 with r=8, measured with 3.0.22.) Argon2id
// would serve better, but no object identifier for it in
// PBES2 has been assigned, so no other tool could read the file.
//
// Read are also PBKDF2 with HMAC-SHA-1, -256, -384 and -512, and AES-128, -192
// and -256 in CBC mode: what `openssl pkcs8 -topk8` writes. Keys that are not
// encrypted are read only by an Opener with AllowPlain.
//
// Trust: the file system, and whoever owns the file. It refuses a key or
// passphrase file that group or others can read or write (except on Windows,
// whose modes say nothing), anything but a regular file, PEM with more than one
// block, RSA keys under 2048 bits, curves other than P-256, P-384 and P-521,
// and the older encryptions (PBES1, DES, RC2, "Proc-Type: 4,ENCRYPTED").
//
// Limits: files of 64 KiB; scrypt with 256 MiB and four passes over it, PBKDF2
// with ten million rounds, so that a planted file cannot stall its reader.
//
// Known attacks, and where they end: a key file swapped for a readable one, or
// made readable by a careless copy (the mode of the opened file is checked, not
// of the name); a half-written key after a crash (Write); a passphrase left in
// memory (it is wiped after use; Go may have copied it, and the key itself
// stays for as long as it is in use: who reads the process's memory has it, and
// needs an HSM against that). CBC does not detect changes: a changed file
// yields a wrong key at worst, which its certificate then refuses
// ([pki.NewKey]).
package softkey
