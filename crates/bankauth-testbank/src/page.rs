//! The HTML of the consent pages. It loads nothing and runs nothing.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::secret;

const STYLE: &str = "
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; color: #191c1f; background: #fff; }
.notice { background: #fff3cd; border: 1px solid #d9b84a; border-radius: .5rem; padding: .75rem 1rem; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
button { font: inherit; padding: .6rem 1.5rem; margin: 1.5rem .75rem 0 0; border: 1px solid #191c1f; border-radius: .5rem; cursor: pointer; background: #fff; color: #191c1f; }
button.main { background: #191c1f; color: #fff; }
";

const NOTICE: &str = "<p class=\"notice\">This is a test bank on your own machine. No bank is asked, and no money is behind it.</p>";

/// What the user is asked to agree to.
pub(crate) struct Question<'a> {
    pub(crate) bank: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a str,
    pub(crate) redirect_uri: &'a str,
}

/// The page with the buttons. The form has no `action`: the browser posts to the URL of the page, query and all.
pub(crate) fn consent(question: &Question<'_>) -> Response<Body> {
    let body = format!(
        "<h1>Allow access to your account?</h1>
{NOTICE}
<p>An application asks for access to your {bank} account.</p>
<dl>
<dt>Client ID</dt><dd>{client}</dd>
<dt>It may</dt><dd>{scopes}</dd>
<dt>You will be sent to</dt><dd>{redirect_uri}</dd>
</dl>
<form method=\"post\">
<button class=\"main\" type=\"submit\" name=\"decision\" value=\"authorise\">Authorise</button>
<button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>
</form>
<p>The bank itself would now ask for your second factor.</p>",
        bank = escaped(question.bank),
        client = escaped(question.client_id),
        scopes = escaped(question.scopes),
        redirect_uri = escaped(question.redirect_uri),
    );
    // Browsers apply `form-action` to the redirect after the form, too, wherever that goes.
    html(
        StatusCode::OK,
        "Allow access to your account?",
        &body,
        "'self' http: https:",
    )
}

/// A page that says what is wrong with the request.
pub(crate) fn refused(title: &str, detail: &str) -> Response<Body> {
    let body = format!(
        "<h1>{}</h1>\n{NOTICE}\n<p>{}</p>",
        escaped(title),
        escaped(detail)
    );
    html(StatusCode::BAD_REQUEST, title, &body, "'none'")
}

/// A page that must not be framed, cached, or tell its URL to others.
pub(crate) fn with_security_headers(mut response: Response<Body>) -> Response<Body> {
    const FIXED: [(HeaderName, HeaderValue); 4] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    response.headers_mut().extend(FIXED);
    response
}

fn html(status: StatusCode, title: &str, body: &str, form_action: &str) -> Response<Body> {
    let nonce = secret::token("");
    let page = format!(
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title}</title>
<style nonce=\"{nonce}\">{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
",
        title = escaped(title),
    );
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    with_security_headers(response)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped(r#"<script src='x' a="&">"#),
            "&lt;script src=&#39;x&#39; a=&quot;&amp;&quot;&gt;"
        );
    }
}
