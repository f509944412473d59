//! The client assertion: how the client proves at the token endpoint who it is.

use core::time::Duration;
use std::time::SystemTime;

use bankauth_grants::{BoxError, ClientAuth};
use bankauth_jwt::{ClientAssertion, Jwt, SignError};

use super::Client;

impl Client {
    /// An assertion that lives for 60 seconds from `now`, as the token requests of this client carry it:
    ///
    /// ```json
    /// {"alg":"RS256","typ":"JWT"}
    /// {"iss":"example.com","sub":"<ClientID>","aud":"https://revolut.com","exp":1706136791}
    /// ```
    ///
    /// It is a secret: together with a refresh token it opens the account.
    ///
    /// # Errors
    /// When the key does not sign, or `now` is before 1970.
    pub fn assertion(&self, now: SystemTime) -> Result<Jwt, SignError> {
        self.sign(&self.assertion, now)
    }

    /// An assertion that lives for `lifetime`, whole seconds of any number. This is the explicit call for more than five
    /// minutes: whoever gets hold of such an assertion can use it until it expires, and nothing calls it back.
    ///
    /// # Errors
    /// As [`assertion`](Self::assertion), and when `lifetime` is not in whole seconds or less than one.
    pub fn assertion_for(&self, now: SystemTime, lifetime: Duration) -> Result<Jwt, SignError> {
        let assertion = self.assertion.clone();
        let assertion = assertion
            .with_long_lifetime(lifetime)
            .map_err(SignError::Claim)?;
        self.sign(&assertion, now)
    }

    /// The authentication of one request.
    pub(super) fn authentication(
        &self,
        now: SystemTime,
        lifetime: Duration,
    ) -> Result<ClientAuth, BoxError> {
        Ok(ClientAuth::PrivateKeyJwt {
            client_id: self.sends_client_id.then(|| self.client_id.clone()),
            assertion: self.assertion_for(now, lifetime)?.into(),
        })
    }

    fn sign(&self, assertion: &ClientAssertion, now: SystemTime) -> Result<Jwt, SignError> {
        // The header of the bank's guide is `alg` and `typ`, also where the key has an id for the sake of other banks.
        let key_id = self.key.key_id().filter(|_| self.sends_key_id);
        let input = assertion.prepare(self.key.algorithm(), key_id, now, None)?;
        let signature = self.key.sign(input.as_bytes())?;
        input.with_signature(signature)
    }
}
