"""Signs a PDF at level B-LTA with pyHanko: lta.py IN OUT URL TAMGA_DATA CA_FOLDER

The signer is of an authority of its own (ca.pem, ca.crl, signer.pem and
signer.key in CA_FOLDER); the time-stamps are tamga's, from URL.
"""

import pathlib
import sys

from asn1crypto import pem
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator import ValidationContext

source, target, url, data, ca = sys.argv[1:]
data, ca = pathlib.Path(data), pathlib.Path(ca)


def der(path):
    raw = path.read_bytes()
    return pem.unarmor(raw)[2] if pem.detect(raw) else raw


signer = signers.SimpleSigner.load(
    str(ca / "signer.key"), str(ca / "signer.pem"), ca_chain_files=(str(ca / "ca.pem"),)
)
context = ValidationContext(
    trust_roots=[load_cert_from_pemder(str(p)) for p in (ca / "ca.pem", data / "certs" / "test-root.pem")],
    crls=[der(p) for p in [ca / "ca.crl", *sorted((data / "crl").iterdir())]],
    allow_fetching=False,
    revocation_mode="hard-fail",
)
metadata = signers.PdfSignatureMetadata(
    field_name="Sig1",
    subfilter=fields.SigSeedSubFilter.PADES,
    md_algorithm="sha256",
    embed_validation_info=True,
    use_pades_lta=True,
    validation_context=context,
)
with open(source, "rb") as document:
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(document), metadata, signer=signer, timestamper=timestamps.HTTPTimeStamper(url)
    )
    pathlib.Path(target).write_bytes(out.getbuffer())
