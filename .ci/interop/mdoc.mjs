// Judge: verifies an ISO mdoc (IssuerSigned) with @owf/mdoc: the issuer's
// signature, its chain up to a trusted root, validity, and every digest.
//
//   node mdoc.mjs file.mdoc trusted-roots.pem
//
// Prints the elements and exits 0, or says why not and exits 1. The library
// leaves cryptography to its caller: it is node's own here.
import { createHash, randomBytes, verify as verifySignature, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { IssuerSigned } from '@owf/mdoc';

const [file, rootsFile] = process.argv.slice(2);
const digests = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', EdDSA: null };

// checkChain holds x5chain, leaf first, to what a wallet would: each is signed
// by the next and the last by one of the roots, all within their validity, the
// root itself not among them (ISO/IEC 18013-5 9.1.2.4).
function checkChain({ trustedCertificates, x5chain, now }) {
  const roots = trustedCertificates.map((der) => new X509Certificate(der));
  const chain = x5chain.map((der) => new X509Certificate(der));
  if (chain.some((c) => c.checkIssued(c))) throw new Error('a root stands in x5chain');
  const last = chain.at(-1);
  const root = roots.find((r) => last.checkIssued(r) && last.verify(r.publicKey));
  if (!root) throw new Error('the chain ends at none of the trusted roots');
  for (const [i, cert] of [...chain, root].entries()) {
    if (now < new Date(cert.validFrom) || now > new Date(cert.validTo)) {
      throw new Error(`certificate ${i} is out of its time`);
    }
    if (i === 0) continue;
    const below = chain[i - 1];
    if (!cert.ca) throw new Error(`certificate ${i} is no authority`);
    if (!below.checkIssued(cert) || !below.verify(cert.publicKey)) {
      throw new Error(`certificate ${i - 1} was not issued by ${i}`);
    }
  }
}

const fields = (name, field) =>
  name.split('\n').filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1));

const context = {
  crypto: {
    random: (length) => randomBytes(length),
    digest: ({ digestAlgorithm, bytes }) => createHash(digestAlgorithm.replace('-', '')).update(bytes).digest(),
  },
  cose: {
    sign1: {
      verify: ({ key, sign1 }) => {
        const name = sign1.signatureAlgorithmName;
        if (!(name in digests)) throw new Error(`alg is ${name}`);
        return verifySignature(digests[name], sign1.toBeSigned, { key, dsaEncoding: 'ieee-p1363' }, sign1.signature);
      },
    },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) => fields(new X509Certificate(certificate).issuer, field),
    // The library only hands it on to verify; its own CoseKey (0.6.0) takes no P-384 or P-521.
    getPublicKey: ({ certificate }) => new X509Certificate(certificate).publicKey,
    verifyCertificateChain: checkChain,
    getCertificateData: ({ certificate }) => {
      const c = new X509Certificate(certificate);
      return {
        issuerName: c.issuer, subjectName: c.subject, serialNumber: c.serialNumber, thumbprint: c.fingerprint256,
        notBefore: new Date(c.validFrom), notAfter: new Date(c.validTo), pem: c.toString(),
      };
    },
  },
};

// sameBytes: the library (0.6.0) digests what it encodes anew, not what came, and
// reads dates loosely: with 1990,02-28 for 1990-02-28 the digest still fits.
function sameBytes(document, bytes) {
  if (Buffer.compare(Buffer.from(document.encode()), bytes) !== 0) {
    throw new Error('the document is not what was digested');
  }
}

function shown(_, value) {
  if (value instanceof Uint8Array || value?.type === 'Buffer') return '(bytes)';
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === 'bigint' ? `${value}` : value;
}

async function main() {
  const raw = readFileSync(file);
  const bytes = raw[0] < 0x80 ? Buffer.from(raw.toString('ascii').trim(), 'base64url') : raw;
  const document = IssuerSigned.decode(bytes);
  sameBytes(document, bytes);
  const trustedCertificates = readFileSync(rootsFile, 'utf8')
    .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    .map((pem) => new X509Certificate(pem).raw);
  const failed = [];
  await document.verify({
    trustedCertificates,
    verificationCallback: (c) => c.status === 'FAILED' && failed.push(c.reason ?? c.check),
  }, context);
  if (failed.length > 0) throw new Error(failed.join('; '));

  const { docType } = document.issuerAuth.mobileSecurityObject;
  console.log(`docType: ${docType}`);
  console.log(`issuer: ${new X509Certificate(document.issuerAuth.certificate).subject.replaceAll('\n', ', ')}`);
  let count = 0;
  for (const [namespace, items] of document.issuerNamespaces.issuerNamespaces) {
    for (const item of items) {
      console.log(`${namespace}/${item.elementIdentifier}: ${JSON.stringify(item.elementValue, shown)}`);
      count++;
    }
  }
  if (count === 0) throw new Error('no element is disclosed');
}

main().catch((error) => {
  console.error(`refused: ${error.message.replaceAll('\n', ' ')}`);
  process.exit(1);
});
