//! Another site that signs people in by OpenID Connect, as small as it can be, on a port of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

/// What a code stands for.
struct Granted {
    challenge: String,
    redirect_uri: String,
    claims: Value,
}

struct Inner {
    address: String,
    key: EcdsaKeyPair,
    key_id: String,
    codes: HashMap<String, Granted>,
    gate: Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>,
}

#[derive(Clone)]
pub struct Issuer {
    pub address: String,
    inner: Arc<Mutex<Inner>>,
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).unwrap()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    /// Runs until the process ends.
    pub fn open() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            address: address.clone(),
            key: new_key(),
            key_id: "k1".to_owned(),
            codes: HashMap::new(),
            gate: None,
        };
        let inner = Arc::new(Mutex::new(inner));
        let data = web::Data::from(Arc::clone(&inner));
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(data.clone())
                        .route("/.well-known/openid-configuration", web::get().to(configuration))
                        .route("/keys", web::get().to(keys))
                        .route("/token", web::post().to(token))
                };
                HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run().await
            })
        });
        Self { address, inner }
    }

    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("ATHANOR_OIDC_ISSUER", self.address.clone()),
            ("ATHANOR_OIDC_CLIENT_ID", "athanor".to_owned()),
            ("ATHANOR_OIDC_CLIENT_SECRET", "s3cret:%".to_owned()),
            ("ATHANOR_OIDC_NAME", "Example University".to_owned()),
        ]
    }

    /// Signs by another key from now on.
    pub fn change_key(&self) {
        let mut inner = self.inner.lock().unwrap();
        (inner.key, inner.key_id) = (new_key(), "k2".to_owned());
    }

    /// Holds the next code at the token endpoint: the first tells that it is there, the second lets it go on.
    pub fn hold(&self) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((reached, hears), (opens, open)) = (oneshot::channel(), oneshot::channel());
        self.inner.lock().unwrap().gate = Some((reached, open));
        (hears, opens)
    }

    /// Somebody comes with `url`, says who they are and agrees; answers the path that they are sent back to. `change` is
    /// what the issuer gets wrong.
    pub fn agree(&self, url: &str, subject: &str, change: impl FnOnce(&mut Value)) -> String {
        let url = Url::parse(url).unwrap();
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert!(url.as_str().starts_with(&format!("{}/authorize?", self.address)), "{url}");
        for (name, expected) in [("response_type", "code"), ("client_id", "athanor"), ("code_challenge_method", "S256")]
        {
            assert_eq!(asked[name], expected);
        }
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.address, "aud": "athanor", "sub": subject, "nonce": asked["nonce"], "iat": now, "exp": now + 300,
            "name": subject, "email": format!("{subject}@example.org"), "email_verified": true,
        });
        change(&mut claims);
        let code = format!("code of {subject}");
        let granted =
            Granted { challenge: asked["code_challenge"].clone(), redirect_uri: asked["redirect_uri"].clone(), claims };
        self.inner.lock().unwrap().codes.insert(code.clone(), granted);
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        back.query_pairs_mut().append_pair("state", &asked["state"]).append_pair("code", &code);
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

async fn configuration(inner: web::Data<Mutex<Inner>>) -> HttpResponse {
    let at = &inner.lock().unwrap().address;
    HttpResponse::Ok().json(json!({
        "issuer": at, "authorization_endpoint": format!("{at}/authorize"), "token_endpoint": format!("{at}/token"),
        "jwks_uri": format!("{at}/keys"),
    }))
}

async fn keys(inner: web::Data<Mutex<Inner>>) -> HttpResponse {
    let inner = inner.lock().unwrap();
    let point = inner.key.public_key().as_ref();
    HttpResponse::Ok().json(json!({"keys": [
        {"kty": "EC", "crv": "P-256", "use": "sig", "kid": inner.key_id, "x": text(&point[1..33]), "y": text(&point[33..])},
    ]}))
}

async fn token(
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
    inner: web::Data<Mutex<Inner>>,
) -> HttpResponse {
    let gate = inner.lock().unwrap().gate.take();
    if let Some((reached, open)) = gate {
        reached.send(()).unwrap();
        open.await.unwrap();
    }
    let mut inner = inner.lock().unwrap();
    let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let expected = format!("Basic {}", STANDARD.encode("athanor:s3cret%3A%25"));
    let granted = inner.codes.remove(&form["code"]);
    let fits = granted.as_ref().is_some_and(|granted| {
        granted.challenge == text(&Sha256::digest(form["code_verifier"].as_bytes()))
            && granted.redirect_uri == form["redirect_uri"]
    });
    let Some(granted) = granted.filter(|_| fits && shown == Some(expected.as_str())) else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    };
    let header = json!({"alg": "ES256", "kid": inner.key_id});
    let signed = format!("{}.{}", text(header.to_string().as_bytes()), text(granted.claims.to_string().as_bytes()));
    let signature = inner.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let id_token = format!("{signed}.{}", text(signature.as_ref()));
    HttpResponse::Ok().json(json!({"access_token": "unused", "token_type": "Bearer", "id_token": id_token}))
}
