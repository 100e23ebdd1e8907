//! PEM as kubeconfig files carry it: inline in base64, or in a file.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::der::Decode;

/// Reads PEM from the inline setting, else from the file; `None` where neither is set.
///
/// `what` is the setting's name, for the error, which never quotes the content.
pub(super) fn read_pem(what: &str, inline: &str, file: &str) -> Result<Option<Vec<u8>>, String> {
    if !inline.is_empty() {
        let compact: String = inline.split_ascii_whitespace().collect();
        return STANDARD
            .decode(compact)
            .map(Some)
            .map_err(|_| format!("its {what}-data is not base64"));
    }
    if file.is_empty() {
        return Ok(None);
    }
    fs::read(file)
        .map(Some)
        .map_err(|error| format!("its {what} {file} cannot be read: {error}"))
}

/// All certificates in a PEM text.
pub(super) fn certificates(what: &str, pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let found: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .map(|certificate| certificate.to_vec())
        .collect();
    if found.is_empty() {
        return Err(format!("its {what} holds no certificate"));
    }
    Ok(found)
}

/// The time after which the first certificate of a PEM text is not valid.
pub(super) fn not_after(pem: &[u8]) -> Option<Timestamp> {
    let certificate = CertificateDer::pem_slice_iter(pem).next()?.ok()?;
    let certificate = x509_cert::Certificate::from_der(&certificate).ok()?;
    let end = certificate.tbs_certificate.validity.not_after;
    let seconds = i64::try_from(end.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}
