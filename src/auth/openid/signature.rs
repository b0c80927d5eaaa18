//! Signatures of tokens (RFC 7515), made with keys that the issuer has published (RFC 7517). The signs themselves are looked at by
//! `ring`, which TLS brings along anyway; this file takes the token apart. The library `jsonwebtoken` would do the same, but
//! brings either the crate `rsa` with its unfixed timing flaw or a second cryptography in C.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::Value;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 64 * 1024;

/// Why a signature proves nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// It is not three parts in base64url of which the first is a header.
    #[error("it is no signed token")]
    Malformed,
    /// Without a signature, with one of a secret that both sides know, or with one that is not known here.
    #[error("it is signed by {0:?}, which proves nothing here")]
    Algorithm(String),
    /// There is no such key. The keys may have changed since they were read.
    #[error("its key is not among those of the issuer")]
    UnknownKey,
    /// The signature is not of this key and this text.
    #[error("its signature is wrong")]
    Wrong,
}

/// A public key.
#[derive(Debug, Clone)]
pub struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Debug, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Names of parts that must be understood: none are.
    crit: Option<Value>,
}

/// Reads the keys of a site; those that cannot be used here, shared secrets before all, are passed over.
#[must_use]
pub fn keys(set: &Value) -> Vec<Key> {
    let keys = set.get("keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(|key| Jwk::deserialize(key).ok()).filter_map(key).collect()
}

fn key(jwk: Jwk) -> Option<Key> {
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let point = |size: usize| {
        let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
        (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), y.as_slice()].concat())
    };
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let whole = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            Material::Rsa { n: whole(bytes(&jwk.n)?), e: whole(bytes(&jwk.e)?) }
        }
        ("EC", Some("P-256")) => Material::P256(point(32)?),
        ("EC", Some("P-384")) => Material::P384(point(48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(&jwk.x)?),
        _ => return None,
    };
    Some(Key { id: jwk.kid, algorithm: jwk.alg, material })
}

/// What a token says, if one of these keys has signed it.
///
/// # Errors
/// [`Unsigned`] says what is wrong with the signature.
pub fn verify(token: &str, keys: &[Key]) -> Result<Vec<u8>, Unsigned> {
    if token.len() > MAX_TOKEN {
        return Err(Unsigned::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Unsigned::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Unsigned::Malformed)?;
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Unsigned::Malformed);
    let header: Header = serde_json::from_slice(&part(header)?).map_err(|_| Unsigned::Malformed)?;
    let (payload, signature) = (part(payload)?, part(signature)?);
    let scheme = Scheme::of(&header.alg).ok_or_else(|| Unsigned::Algorithm(header.alg.clone()))?;
    if header.crit.is_some() {
        return Err(Unsigned::Malformed);
    }
    let fits = |key: &&Key| scheme.fits(&key.material) && key.algorithm.as_ref().is_none_or(|alg| *alg == header.alg);
    let mut fitting = keys.iter().filter(fits);
    let key = match &header.kid {
        Some(id) => fitting.find(|key| key.id.as_ref() == Some(id)),
        // Without a name it must be clear which one is meant.
        None => fitting.next().filter(|_| fitting.next().is_none()),
    };
    let key = key.ok_or(Unsigned::UnknownKey)?;
    if scheme.verify(&key.material, signed.as_bytes(), &signature) { Ok(payload) } else { Err(Unsigned::Wrong) }
}

/// A kind of signature by a public key (RFC 7518, section 3.1; RFC 8037).
enum Scheme {
    Rsa(&'static RsaParameters),
    P256,
    P384,
    Ed25519,
}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Self::Rsa(&RSA_PSS_2048_8192_SHA256),
            "PS384" => Self::Rsa(&RSA_PSS_2048_8192_SHA384),
            "PS512" => Self::Rsa(&RSA_PSS_2048_8192_SHA512),
            "ES256" => Self::P256,
            "ES384" => Self::P384,
            "EdDSA" => Self::Ed25519,
            _ => return None,
        })
    }

    /// A key is used only for its own kind: else a text that is public could be taken for a secret.
    const fn fits(&self, material: &Material) -> bool {
        matches!(
            (self, material),
            (Self::Rsa(_), Material::Rsa { .. })
                | (Self::P256, Material::P256(_))
                | (Self::P384, Material::P384(_))
                | (Self::Ed25519, Material::Ed25519(_))
        )
    }

    fn verify(&self, material: &Material, signed: &[u8], signature: &[u8]) -> bool {
        let plain = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(signed, signature).is_ok()
        };
        match (self, material) {
            (Self::Rsa(parameters), Material::Rsa { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature).is_ok()
            }
            (Self::P256, Material::P256(key)) => plain(&ECDSA_P256_SHA256_FIXED, key),
            (Self::P384, Material::P384(key)) => plain(&ECDSA_P384_SHA384_FIXED, key),
            (Self::Ed25519, Material::Ed25519(key)) => plain(&ED25519, key),
            _ => false,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    /// A key of the issuer, private and public.
    pub struct Pair {
        private: EcdsaKeyPair,
        pub public: Value,
    }

    pub fn pair(id: &str) -> Pair {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let private = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap();
        let point = private.public_key().as_ref();
        let (x, y) = (text(&point[1..33]), text(&point[33..]));
        let public = json!({"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": x, "y": y});
        Pair { private, public }
    }

    impl Pair {
        pub fn sign(&self, claims: &Value) -> String {
            self.sign_with(&json!({"alg": "ES256", "kid": "k1"}), claims)
        }

        fn sign_with(&self, header: &Value, claims: &Value) -> String {
            let signed = format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
            let signature = self.private.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", text(signature.as_ref()))
        }
    }

    fn text(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn set(public: &[&Value]) -> Vec<Key> {
        keys(&json!({ "keys": public }))
    }

    #[test]
    fn only_the_issuers_own_key_signs() {
        let (own, forged) = (pair("k1"), pair("k1"));
        let unheard_of = json!({"kty": "unheard-of", "kid": "k1"});
        let token = own.sign(&json!({"a": 1}));
        assert_eq!(verify(&token, &set(&[&unheard_of, &own.public])).unwrap(), br#"{"a":1}"#);
        assert_eq!(verify(&forged.sign(&json!({"a": 1})), &set(&[&own.public])), Err(Unsigned::Wrong));
        assert_eq!(verify(&token, &set(&[&pair("k2").public])), Err(Unsigned::UnknownKey));
        let mut parts: Vec<&str> = token.split('.').collect();
        let other = text(br#"{"a":2}"#);
        parts[1] = &other;
        assert_eq!(verify(&parts.join("."), &set(&[&own.public])), Err(Unsigned::Wrong));
    }

    #[test]
    fn without_a_name_there_must_be_one_key_only() {
        let own = pair("k1");
        let token = own.sign_with(&json!({"alg": "ES256"}), &json!({}));
        assert!(verify(&token, &set(&[&own.public])).is_ok());
        assert_eq!(verify(&token, &set(&[&own.public, &pair("k2").public])), Err(Unsigned::UnknownKey));
    }

    #[test]
    fn no_signature_a_shared_secret_and_a_key_for_something_else_prove_nothing() {
        let own = pair("k1");
        let shared = json!({"kty": "oct", "kid": "k1", "k": text(b"athanor")});
        assert!(set(&[&shared]).is_empty());
        let mut locks = own.public.clone();
        locks["use"] = json!("enc");
        assert!(set(&[&locks]).is_empty());
        let keys = set(&[&own.public, &shared]);
        for algorithm in ["none", "None", "HS256", "es256", ""] {
            let token = own.sign_with(&json!({"alg": algorithm, "kid": "k1"}), &json!({}));
            assert_eq!(verify(&token, &keys), Err(Unsigned::Algorithm(algorithm.to_owned())));
        }
        let rsa = own.sign_with(&json!({"alg": "RS256", "kid": "k1"}), &json!({}));
        assert_eq!(verify(&rsa, &keys), Err(Unsigned::UnknownKey), "a key of another kind");
        let critical = own.sign_with(&json!({"alg": "ES256", "kid": "k1", "crit": ["exp"]}), &json!({}));
        assert_eq!(verify(&critical, &keys), Err(Unsigned::Malformed));
        for token in ["", ".", "..", "a.b.c", "💥", &"x".repeat(70_000)] {
            assert_eq!(verify(token, &keys), Err(Unsigned::Malformed));
        }
    }

    #[test]
    fn a_signature_by_rsa_is_read() {
        // Made once by openssl; the private key is gone.
        let n = concat!(
            "wk9c5foDUqq8lAOuBzYvb_TKm04Pch56S3UkgwiaY7EXHQKEIquDy4h10dB1iBXuQc6Fn4vzF6viYKfdSNJIilTaR0hrTSlOFmOD",
            "T0VjYNKXUQ-IHsOtat4M9NMgBioHh73gQ7lZAtW2isJaf-vfTeX5s7mooS4q3l-ZNfITvfVvVniIufAeO4hs-Ys-D7HS1G-UyavZ",
            "aRokHRawjD6_Gl6jcLdJnxCNJ3_4bR9OLotI2jgDv16Xrb1ngt4RX-6JAXSWu8w52Z2lczTHhKOq4IIPheOYGs9jpXuXGDpYrL8i",
            "GdC3N8Ffw-XaRMveu1zli-s1_8v_agV9CU29SztTkQ",
        );
        let token = concat!(
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJhdGhhbm9yIiwi",
            "c3ViIjoiNyIsIm5vbmNlIjoibi0wIiwiZXhwIjoxMDAwfQ.vJcIMJyZfm0xNRWcKCOjeBBpl-E9F6M5UjY3IoQEI3KgRyJyBcnxo",
            "rTirgZbT13Q2x0VZgeFxovmJy5_IGhzAOkcZExN0TpS9LSjOUppZW2tLDtHZlMmEPD_wTlzQDsef8Hsnae8LbxXoAodB3CtoxvXj",
            "PWO4pNomQ3lRJo261UXlrYeh2LmYuSPeQO17CtHqsdho682_bC2J-nk3ZM8lxPhsJylknT0c-RDKeio9qbGGuX4zotw8_xoLW5my",
            "949G089084GV_r6XxWt6bJH8fWynVQNMvJF_qdnkKI_t4WPKE89EYO172xz9ZYkcrZBuZ64bK7LRIc-eKKaz2RJUw",
        );
        let keys = keys(&json!({"keys": [{"kty": "RSA", "kid": "r1", "alg": "RS256", "n": n, "e": "AQAB"}]}));
        let payload: Value = serde_json::from_slice(&verify(token, &keys).unwrap()).unwrap();
        assert_eq!(payload["sub"], "7");
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{signed}.{}", text(&[7; 256])), &keys), Err(Unsigned::Wrong));
    }
}
