//! `QCStatements` (ETSI EN 319 412-5 and TS 119 495) as they stand in certificates and requests.

use crate::der::{Problem, Reader, oid_text, tag};
use crate::encode::{element, sequence};
use crate::psd2::error::Psd2Error;
use crate::psd2::{Psd2Role, Psd2Statement, QcType};

/// The value of the extension for a statement: what it is for, then the roles and the authority.
pub(crate) fn write(statement: &Psd2Statement) -> Vec<u8> {
    let roles: Vec<_> = statement
        .roles()
        .iter()
        .map(|role| {
            let identifier = [ROLE, &[role.arc()]].concat();
            sequence(&[&element(tag::OID, &identifier), &utf8(role.as_str())])
        })
        .collect();
    let psd2 = sequence(&[
        &sequence(&[&roles.concat()]),
        &utf8(statement.nca_name()),
        &utf8(statement.nca_id()),
    ]);
    let psd2 = sequence(&[&element(tag::OID, PSD2), &psd2]);
    let qc_type = statement.qc_type().map(|qc_type| {
        let identifier = [QC_TYPE, &[qc_type.arc()]].concat();
        let types = sequence(&[&element(tag::OID, &identifier)]);
        sequence(&[&element(tag::OID, QC_TYPE), &types])
    });
    sequence(&[&qc_type.unwrap_or_default(), &psd2])
}

/// Reads the PSD2 statement in the value of the extension. Other statements are passed over; without one
/// of PSD2 there is `None`.
pub(crate) fn read(der: &[u8]) -> Result<Option<Psd2Statement>, QcStatementsError> {
    let malformed = |field| {
        move |problem: Problem| QcStatementsError::Malformed {
            field,
            problem: problem.as_str(),
        }
    };
    let whole = malformed("QCStatements");
    let mut outer = Reader::new(der);
    let mut statements = outer.enter(tag::SEQUENCE).map_err(whole)?;
    outer.end().map_err(whole)?;
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut qc_type = None;
    let mut psd2 = None;
    while statements.peek().is_some() {
        let mut statement = statements.enter(tag::SEQUENCE).map_err(whole)?;
        let identifier = statement.read(tag::OID).map_err(whole)?;
        if seen.contains(&identifier) {
            let statement = oid_text(identifier);
            return Err(QcStatementsError::Duplicate { statement });
        }
        seen.push(identifier);
        match identifier {
            QC_TYPE => qc_type = Some(read_type(statement).map_err(malformed("QcType"))??),
            PSD2 => psd2 = Some(statement),
            // One of the types in the place of a statement.
            other if other.len() == QC_TYPE.len() + 1 && other.starts_with(QC_TYPE) => {
                return Err(QcStatementsError::BareType);
            }
            _ => {}
        }
    }
    psd2.map(|statement| read_psd2(statement, qc_type).map_err(malformed("PSD2QcType"))?)
        .transpose()
}

/// What is wrong with the QCStatements of a certificate or request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QcStatementsError {
    /// The encoding is damaged.
    #[error("the QCStatements are damaged: {field} {problem}")]
    Malformed {
        /// Where.
        field: &'static str,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A statement stands there twice (EN 319 412-5 section 4.1).
    #[error("the statement {statement} stands there twice, expected each at most once")]
    Duplicate {
        /// Its identifier.
        statement: String,
    },
    /// The statement of the type names several types, or none.
    #[error("QcType names {count} types, expected exactly one")]
    TypeCount {
        /// How many.
        count: usize,
    },
    /// The type is unknown.
    #[error("QcType is {found}, expected one of 0.4.0.1862.1.6.1, .2 and .3")]
    UnknownType {
        /// Its identifier.
        found: String,
    },
    /// A type stands in the place of a statement.
    #[error(
        "a type of QcType stands alone as a statement, expected it within QcType (0.4.0.1862.1.6)"
    )]
    BareType,
    /// Several roles share one sequence, as a template that is passed around has it.
    #[error(
        "the roles are flattened into one SEQUENCE, expected one SEQUENCE of identifier and name \
         for each; the template that this was made from is wrong, so make a new request"
    )]
    FlattenedRoles,
    /// The role is unknown.
    #[error("the identifier {found} is no PSD2 role, expected 0.4.0.19495.1.1 to .4")]
    UnknownRole {
        /// Its identifier.
        found: String,
    },
    /// Identifier and name of a role disagree (TS 119 495 section 5.2.2).
    #[error(
        "the role with the identifier of {expected} has the name {found:?}, expected {expected}"
    )]
    RoleName {
        /// The name found.
        found: String,
        /// The role that the identifier means.
        expected: Psd2Role,
    },
    /// A text has another type than UTF8String (TS 119 495 annex A).
    #[error("{field} has the tag {found:#04x}, expected a UTF8String (0x0c)")]
    NotUtf8String {
        /// Which text.
        field: &'static str,
        /// The tag found.
        found: u8,
    },
    /// The values have not their form.
    #[error(transparent)]
    Value(Psd2Error),
}

// TS 119 495 annex A: 0.4.0.19495.1 and .2
const ROLE: &[u8] = &[4, 0, 0x81, 0x98, 0x27, 1];
const PSD2: &[u8] = &[4, 0, 0x81, 0x98, 0x27, 2];
// EN 319 412-5 annex B: 0.4.0.1862.1.6
const QC_TYPE: &[u8] = &[4, 0, 0x8e, 0x46, 1, 6];

type Read<T> = Result<Result<T, QcStatementsError>, Problem>;

fn utf8(text: &str) -> Vec<u8> {
    element(tag::UTF8_STRING, text.as_bytes())
}

fn read_type(mut statement: Reader<'_>) -> Read<QcType> {
    let mut types = statement.enter(tag::SEQUENCE)?;
    statement.end()?;
    let mut found = Vec::new();
    while types.peek().is_some() {
        found.push(types.read(tag::OID)?);
    }
    let [found] = found[..] else {
        let count = found.len();
        return Ok(Err(QcStatementsError::TypeCount { count }));
    };
    let known = QcType::ALL
        .into_iter()
        .find(|known| found == [QC_TYPE, &[known.arc()]].concat());
    Ok(known.ok_or_else(|| QcStatementsError::UnknownType {
        found: oid_text(found),
    }))
}

fn read_psd2(mut statement: Reader<'_>, qc_type: Option<QcType>) -> Read<Psd2Statement> {
    let mut content = statement.enter(tag::SEQUENCE)?;
    statement.end()?;
    let mut list = content.enter(tag::SEQUENCE)?;
    let mut roles = Vec::new();
    while list.peek().is_some() {
        match read_role(list.enter(tag::SEQUENCE)?)? {
            Ok(role) => roles.push(role),
            Err(error) => return Ok(Err(error)),
        }
    }
    let mut text = |field| text(&mut content, field);
    let (name, id) = match (text("nCAName")?, text("nCAId")?) {
        (Ok(name), Ok(id)) => (name, id),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    content.end()?;
    Ok(Psd2Statement::checked(qc_type, roles, name, id).map_err(QcStatementsError::Value))
}

fn read_role(mut role: Reader<'_>) -> Read<Psd2Role> {
    let identifier = role.read(tag::OID)?;
    let name = match text(&mut role, "roleOfPspName")? {
        Ok(name) => name,
        Err(error) => return Ok(Err(error)),
    };
    if role.peek() == Some(tag::OID) {
        return Ok(Err(QcStatementsError::FlattenedRoles));
    }
    role.end()?;
    let known = Psd2Role::ALL
        .into_iter()
        .find(|known| identifier == [ROLE, &[known.arc()]].concat());
    Ok(match known {
        None => Err(QcStatementsError::UnknownRole {
            found: oid_text(identifier),
        }),
        Some(expected) if expected.as_str() != name => Err(QcStatementsError::RoleName {
            found: name.chars().take(32).collect(),
            expected,
        }),
        Some(role) => Ok(role),
    })
}

fn text(reader: &mut Reader<'_>, field: &'static str) -> Read<String> {
    let found = reader.element()?;
    if found.tag != tag::UTF8_STRING {
        let found = found.tag;
        return Ok(Err(QcStatementsError::NotUtf8String { field, found }));
    }
    let text = str::from_utf8(found.content).map_err(|_| Problem::UnexpectedTag)?;
    Ok(Ok(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fingerprint::hex;

    fn statement(roles: &[Psd2Role]) -> Psd2Statement {
        let roles = roles.iter().copied();
        Psd2Statement::new(QcType::Web, roles, "Financial Conduct Authority", "GB-FCA").unwrap()
    }

    fn role(arc: u8, name: &[u8]) -> Vec<u8> {
        [element(tag::OID, &[ROLE, &[arc]].concat()), name.to_vec()].concat()
    }

    fn psd2(roles: &[u8], name: &[u8], id: &[u8]) -> Vec<u8> {
        let content = sequence(&[&sequence(&[roles]), name, id]);
        sequence(&[&element(tag::OID, PSD2), &content])
    }

    fn qc_type(arcs: &[u8]) -> Vec<u8> {
        let types: Vec<_> = arcs
            .iter()
            .map(|arc| element(tag::OID, &[QC_TYPE, &[*arc]].concat()))
            .collect();
        sequence(&[&element(tag::OID, QC_TYPE), &sequence(&[&types.concat()])])
    }

    fn good_psd2() -> Vec<u8> {
        let roles = sequence(&[&role(3, &utf8("PSP_AI"))]);
        psd2(&roles, &utf8("FCA"), &utf8("GB-FCA"))
    }

    fn error(statements: &[&[u8]]) -> String {
        read(&sequence(statements)).unwrap_err().to_string()
    }

    // ETSI TS 119 495 annex A: the encoding of one role, in 93 octets
    #[test]
    fn the_worked_example_is_written_to_the_octet() {
        let der = write(&statement(&[Psd2Role::AccountInformation]));
        assert_eq!(der.len(), 93);
        insta::assert_snapshot!(hex(&der), @"305b3013060604008e4601063009060704008e4601060330440606040081982702303a301330110607040081982701030c065053505f41490c1b46696e616e6369616c20436f6e6475637420417574686f726974790c0647422d464341");
    }

    // X.690 section 10.1: lengths above 127 take further octets
    #[test]
    fn what_is_written_is_read() {
        for roles in [
            &[Psd2Role::AccountInformation][..],
            &[Psd2Role::PaymentInitiation, Psd2Role::AccountInformation],
            &Psd2Role::ALL,
        ] {
            let statement = statement(roles);
            let der = write(&statement);
            assert_eq!(read(&der).unwrap().unwrap(), statement);
            assert_eq!(der[1] == 0x81, roles.len() > 2);
        }
    }

    // EN 319 412-5: what an issuer adds is passed over
    #[test]
    fn other_statements_are_passed_over() {
        let compliance = sequence(&[&element(tag::OID, &[4, 0, 0x8e, 0x46, 1, 1])]);
        let device = sequence(&[&element(tag::OID, &[4, 0, 0x8e, 0x46, 1, 4])]);
        let all = [&compliance[..], &good_psd2(), &device, &qc_type(&[2])];
        let read_back = read(&sequence(&all)).unwrap().unwrap();
        assert_eq!(read_back.qc_type(), Some(QcType::ElectronicSeal));
        assert_eq!(read(&sequence(&[&compliance])), Ok(None));
        assert_eq!(read(&sequence(&[&qc_type(&[3])])), Ok(None));
        let untyped = read(&sequence(&[&good_psd2()])).unwrap().unwrap();
        assert_eq!(untyped.qc_type(), None);
    }

    // ETSI TS 119 495 section 5.2.2 and annex A; EN 319 412-5 sections 4.1 and 4.2.3
    #[test]
    fn wrong_forms_are_named() {
        let good_type = qc_type(&[3]);
        let with_roles = |roles: &[u8]| psd2(roles, &utf8("FCA"), &utf8("GB-FCA"));
        let ai = role(3, &utf8("PSP_AI"));
        let flattened = sequence(&[&role(2, &utf8("PSP_PI")), &ai]);
        insta::assert_snapshot!(error(&[&good_type, &with_roles(&flattened)]), @"the roles are flattened into one SEQUENCE, expected one SEQUENCE of identifier and name for each; the template that this was made from is wrong, so make a new request");
        insta::assert_snapshot!(error(&[&good_type, &with_roles(&sequence(&[&role(2, &utf8("PSP_AI"))]))]), @r#"the role with the identifier of PSP_PI has the name "PSP_AI", expected PSP_PI"#);
        insta::assert_snapshot!(error(&[&good_type, &with_roles(&sequence(&[&role(9, &utf8("PSP_AI"))]))]), @"the identifier 0.4.0.19495.1.9 is no PSD2 role, expected 0.4.0.19495.1.1 to .4");
        insta::assert_snapshot!(error(&[&good_type, &with_roles(&[])]), @"the PSD2 statement has no role, expected at least one such as PSP_AI");
        let printable = element(tag::PRINTABLE_STRING, b"GB-FCA");
        insta::assert_snapshot!(error(&[&good_type, &psd2(&sequence(&[&ai]), &utf8("FCA"), &printable)]), @"nCAId has the tag 0x13, expected a UTF8String (0x0c)");
        insta::assert_snapshot!(error(&[&good_type, &psd2(&sequence(&[&ai]), &printable, &utf8("GB-FCA"))]), @"nCAName has the tag 0x13, expected a UTF8String (0x0c)");
        insta::assert_snapshot!(error(&[&good_type, &with_roles(&sequence(&[&role(3, &element(tag::PRINTABLE_STRING, b"PSP_AI"))]))]), @"roleOfPspName has the tag 0x13, expected a UTF8String (0x0c)");
        insta::assert_snapshot!(error(&[&good_type, &psd2(&sequence(&[&ai]), &utf8("FCA"), &utf8("GB_FCA"))]), @r#"the identifier of the authority is "GB_FCA", expected a country and two to eight capitals, with a hyphen between them, such as "GB-FCA""#);
        insta::assert_snapshot!(error(&[&qc_type(&[2, 3]), &good_psd2()]), @"QcType names 2 types, expected exactly one");
        insta::assert_snapshot!(error(&[&qc_type(&[]), &good_psd2()]), @"QcType names 0 types, expected exactly one");
        insta::assert_snapshot!(error(&[&qc_type(&[7]), &good_psd2()]), @"QcType is 0.4.0.1862.1.6.7, expected one of 0.4.0.1862.1.6.1, .2 and .3");
        insta::assert_snapshot!(error(&[&good_type, &good_type, &good_psd2()]), @"the statement 0.4.0.1862.1.6 stands there twice, expected each at most once");
        insta::assert_snapshot!(error(&[&good_type, &good_psd2(), &good_psd2()]), @"the statement 0.4.0.19495.2 stands there twice, expected each at most once");
        let bare = sequence(&[&element(tag::OID, &[QC_TYPE, &[3]].concat())]);
        insta::assert_snapshot!(error(&[&bare, &good_psd2()]), @"a type of QcType stands alone as a statement, expected it within QcType (0.4.0.1862.1.6)");
        insta::assert_snapshot!(error(&[&[tag::NULL, 0]]), @"the QCStatements are damaged: QCStatements is missing or of another type");
        insta::assert_snapshot!(error(&[&sequence(&[&element(tag::OID, PSD2)])]), @"the QCStatements are damaged: PSD2QcType ends too early");
    }

    proptest! {
        #[test]
        fn reading_never_panics(octets: Vec<u8>, at: prop::sample::Index, octet: u8) {
            let _ = read(&octets);
            let mut der = write(&statement(&Psd2Role::ALL));
            let at = at.index(der.len());
            der[at] = octet;
            let _ = read(&der);
        }
    }
}
