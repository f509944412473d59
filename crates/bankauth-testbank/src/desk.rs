//! What every bank has: faults, counters and the recorder; and which bank a path belongs to.

use std::time::SystemTime;

use crate::{
    fault::{Endpoint, Fault, Faults},
    figurepay,
    recorder::{Counters, RecordedRequest, Recorder},
    revolut_business, revsto, tatrabanka,
};

/// One of the banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    RevolutBusiness,
    Revsto,
    FigurePay,
    TatraBanka,
}

impl Provider {
    /// The bank and the part of it that answer at this path.
    pub(crate) fn at(path: &str) -> Option<(Self, Endpoint)> {
        let found = |provider, endpoint: Option<Endpoint>| endpoint.map(|at| (provider, at));
        found(Self::RevolutBusiness, revolut_business::endpoint(path))
            .or_else(|| found(Self::Revsto, revsto::endpoint(path)))
            .or_else(|| found(Self::FigurePay, figurepay::endpoint(path)))
            .or_else(|| found(Self::TatraBanka, tatrabanka::endpoint(path)))
    }

    /// The body of a 429. That of Revolut Business is the bank's own, the others are made up in the bank's shape.
    pub(crate) fn rate_limited(self) -> &'static str {
        match self {
            Self::RevolutBusiness => r#"{"message":"Rate limit exceeded","code":3162}"#,
            Self::Revsto => {
                r#"{"error":"too_many_requests","error_description":"Rate limit exceeded.","message":"Rate limit exceeded."}"#
            }
            Self::FigurePay => r#"{"error":"too_many_requests"}"#,
            Self::TatraBanka => r#"{"errorCode":"TOO_MANY_REQUESTS"}"#,
        }
    }
}

/// The part of a bank's books that has nothing to do with banking.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) faults: Faults,
    pub(crate) counters: Counters,
    recorder: Recorder,
}

impl Desk {
    /// Counts and keeps a request, and says what shall go wrong with it.
    pub(crate) fn admit(
        &mut self,
        endpoint: Endpoint,
        request: RecordedRequest,
        now: SystemTime,
    ) -> Option<Fault> {
        match endpoint {
            Endpoint::Token => self.counters.token_requests += 1,
            Endpoint::Api => self.counters.api_calls += 1,
            Endpoint::Consent => {}
        }
        self.recorder.keep(request);
        self.faults.take(endpoint, now)
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.recorder.requests()
    }
}

/// The methods that the handles of all banks have. The handle is a struct with a `bank: Arc<Bank>`.
macro_rules! desk_methods {
    ($handle:ty, $provider:expr) => {
        impl $handle {
            /// Lets the next `times` requests to `endpoint` go wrong. Faults asked for earlier come first.
            pub fn fail_next(&self, endpoint: Endpoint, fault: Fault, times: u32) {
                let mut state = self.bank.lock();
                state.desk($provider).faults.plan(endpoint, fault, times);
            }

            /// Lets all requests to `endpoint` go wrong for so long by the bank's clock, beginning now. Faults asked
            /// for earlier come first.
            pub fn fail_for(&self, endpoint: Endpoint, fault: Fault, duration: Duration) {
                let until = clock::later(self.bank.clock.now(), duration);
                let mut state = self.bank.lock();
                state
                    .desk($provider)
                    .faults
                    .plan_until(endpoint, fault, until);
            }

            /// Forgets the faults that have not happened yet.
            pub fn clear_faults(&self) {
                self.bank.lock().desk($provider).faults.clear();
            }

            /// How often the bank was asked for something.
            pub fn counters(&self) -> Counters {
                self.bank.lock().desk($provider).counters
            }

            /// The last 1024 requests, oldest first, with the secrets in them.
            pub fn requests(&self) -> Vec<RecordedRequest> {
                self.bank.lock().desk($provider).requests()
            }
        }
    };
}
pub(crate) use desk_methods;
