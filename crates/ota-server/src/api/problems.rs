//! The errors that every operation documents.

use std::collections::BTreeMap;

use ota_api::Problem;
use utoipa::openapi::{Ref, RefOr, Response, ResponseBuilder, content::ContentBuilder};
use utoipa::{IntoResponses, ToSchema as _};

/// Use as `responses(…, Problems)`.
pub(super) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [
            ("400", "The request cannot be read"),
            ("401", "No token, an unknown or an expired one"),
            ("403", "The role may not do this"),
            ("404", "No such app, channel or release"),
            ("409", "It does not fit the present state; `code` says how"),
            ("413", "The body is too large"),
            ("422", "A value cannot be used"),
            ("428", "`If-Match` is missing"),
            ("500", "A fault of the server"),
            ("507", "The server's disk is full"),
        ]
        .into_iter()
        .map(|(status, description)| {
            let response = ResponseBuilder::new()
                .description(description)
                .content(
                    "application/problem+json",
                    ContentBuilder::new()
                        .schema(Some(Ref::from_schema_name(Problem::name())))
                        .build(),
                )
                .build();
            (status.to_owned(), RefOr::T(response))
        })
        .collect()
    }
}
