//! TLS as the link uses it: version 1.3 alone, raw Ed25519 public keys at both ends, nothing resumed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig, IdleTimeout, TransportConfig, VarInt};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};

use crate::{IDLE_MAX, KEEP_ALIVE, Key, PENDING_MAX, STRANGER_BYTES_MAX, WELCOME_BYTES_MAX};

/// Protocol of nodes that sync.
pub(crate) const ALPN_SYNC: &[u8] = b"jiesu/1";
/// Protocol of a device that asks to join.
pub(crate) const ALPN_JOIN: &[u8] = b"jiesu-join/1";

/// DER of a `SubjectPublicKeyInfo` for Ed25519 up to the key itself (RFC 8410).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Bytes of the name of a connection at this end.
const CONNECTION_ID_BYTES: usize = 8;

/// A device's key as TLS wants it.
pub(crate) struct Identity {
    pub public: Key,
    secret: SigningKey,
}

impl Identity {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(secret);
        Self { public: secret.verifying_key().to_bytes(), secret }
    }

    fn certified(&self) -> io::Result<Arc<CertifiedKey>> {
        let pkcs8 = self.secret.to_pkcs8_der().map_err(io::Error::other)?;
        let der = PrivateKeyDer::Pkcs8(pkcs8.as_bytes().to_vec().into());
        let key = rustls::crypto::ring::sign::any_eddsa_type(&match der {
            PrivateKeyDer::Pkcs8(der) => der,
            _ => return Err(io::Error::other("not a PKCS #8 key")),
        })
        .map_err(io::Error::other)?;
        let spki = [&ED25519_SPKI[..], &self.public].concat();
        Ok(Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], key)))
    }
}

/// The key that a peer proved in the handshake.
pub(crate) fn peer_key(connection: &quinn::Connection) -> Option<Key> {
    let identity = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    key_of(identity.first()?)
}

fn key_of(spki: &[u8]) -> Option<Key> {
    spki.strip_prefix(&ED25519_SPKI[..]).and_then(|key| key.try_into().ok())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A node that was killed and runs again tells peers at once that it knows nothing of their connections (stateless reset, RFC
/// 9000 section 10.3), else they would wait for as long as a connection may be idle. That takes a key which outlives the
/// process, and names of connections that the new process does not take for forged: theirs are plain random bytes.
pub(crate) fn endpoint_config(secret: &[u8; 32]) -> EndpointConfig {
    let master = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let reset = ring::hmac::sign(&master, b"jiesu/reset/1");
    let mut config = EndpointConfig::new(Arc::new(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, reset.as_ref())));
    config.cid_generator(|| Box::new(RandomNames));
    config
}

struct RandomNames;

impl ConnectionIdGenerator for RandomNames {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut name = [0; CONNECTION_ID_BYTES];
        // Without randomness no handshake comes this far; a name that is there already is drawn again.
        let _ = getrandom::fill(&mut name);
        ConnectionId::new(&name)
    }

    fn cid_len(&self) -> usize {
        CONNECTION_ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

fn transport() -> io::Result<Arc<TransportConfig>> {
    let mut transport = TransportConfig::default();
    transport.max_idle_timeout(Some(IdleTimeout::try_from(IDLE_MAX).map_err(io::Error::other)?));
    transport.keep_alive_interval(Some(KEEP_ALIVE));
    transport.max_concurrent_bidi_streams(VarInt::from_u32(1));
    transport.max_concurrent_uni_streams(VarInt::from_u32(0));
    transport.datagram_receive_buffer_size(None);
    transport.stream_receive_window(VarInt::from_u32(WELCOME_BYTES_MAX));
    // Widened once the peer is known to be welcome: what a stranger sends unread is kept in memory.
    transport.receive_window(VarInt::from_u32(STRANGER_BYTES_MAX));
    transport.send_window(2 * 1024 * 1024);
    Ok(Arc::new(transport))
}

pub(crate) fn server_config(identity: &Identity) -> io::Result<quinn::ServerConfig> {
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(io::Error::other)?
        .with_client_cert_verifier(Arc::new(AnyDevice(provider())))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(identity.certified()?)));
    tls.alpn_protocols = vec![ALPN_SYNC.to_vec(), ALPN_JOIN.to_vec()];
    // Resumption would skip the proof of the key: a device that was thrown out would come back.
    tls.send_tls13_tickets = 0;
    tls.max_early_data_size = 0;
    let crypto = QuicServerConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(transport()?);
    config.max_incoming(PENDING_MAX);
    Ok(config)
}

pub(crate) fn client_config(identity: &Identity, alpn: &[u8]) -> io::Result<quinn::ClientConfig> {
    let mut tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyDevice(provider())))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(identity.certified()?)));
    tls.alpn_protocols = vec![alpn.to_vec()];
    tls.resumption = Resumption::disabled();
    tls.enable_early_data = false;
    tls.enable_sni = false;
    let crypto = QuicClientConfig::try_from(tls).map_err(io::Error::other)?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(transport()?);
    Ok(config)
}

/// Takes any Ed25519 raw public key whose holder proves it. Whether that device may be here is asked right after the
/// handshake, where the registry is at hand.
#[derive(Debug)]
struct AnyDevice(Arc<CryptoProvider>);

impl AnyDevice {
    fn check(key: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        key_of(key).map(|_| ()).ok_or(rustls::Error::InvalidCertificate(CertificateError::BadEncoding))
    }

    fn signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let spki = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &spki, dss, &self.0.signature_verification_algorithms)
    }

    fn no_tls12() -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".to_owned()))
    }
}

impl ServerCertVerifier for AnyDevice {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Self::check(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for AnyDevice {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Self::check(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Self::no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
