//! The admin API. The router below is its table of contents.

mod activity;
mod apps;
mod channels;
mod checks;
mod deployments;
mod events;
mod extract;
mod idempotency;
mod keys;
mod problems;
mod releases;
mod session;
pub(crate) mod uploads;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use ota_api::ProblemCode;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::state::AppState;

/// The most that a body other than a chunk may have.
const BODY_LIMIT: usize = 1024 * 1024;

/// The document's head; paths and schemas come from the handlers.
#[derive(OpenApi)]
#[openapi(info(
    title = "Switchtower admin API",
    description = "Manages over-the-air update channels and releases. Every request carries \
                   `Authorization: Bearer swt_…`. Errors are RFC 9457 problems with a stable `code`.",
    license(name = "MIT OR Apache-2.0")
), components(schemas(ota_api::Problem, ProblemCode)), security(("token" = [])), modifiers(&Bearer))]
struct Document;

/// How requests are authenticated.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token, `swt_…`"))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn documented() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(session::show))
        .routes(routes!(apps::list, apps::create))
        .routes(routes!(apps::show, apps::update, apps::remove))
        .routes(routes!(keys::list, keys::trust))
        .routes(routes!(releases::list, releases::create))
        .routes(routes!(releases::show, releases::update, releases::discard))
        .routes(routes!(releases::listing))
        .routes(routes!(releases::recall))
        .routes(routes!(releases::finalize))
        .routes(routes!(uploads::begin, uploads::progress, uploads::append))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::update))
        .routes(routes!(deployments::history, deployments::deploy))
        .routes(routes!(deployments::plan))
        .routes(routes!(checks::show))
        .routes(routes!(activity::list))
        .routes(routes!(events::stream))
        .split_for_parts()
}

/// The OpenAPI document of the admin API, as generated from the handlers.
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().1
}

/// The routes of the admin API.
pub(crate) fn router() -> Router<AppState> {
    let (router, document) = documented();
    router
        .route(
            "/v1/openapi.json",
            axum::routing::get(move || std::future::ready(Json(document))),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(finish_changes))
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(
        ProblemCode::MethodNotAllowed,
        "This path exists, but not with this method. See /v1/openapi.json",
    )
}

/// Runs what may change something to its end, even when the caller goes away: between the commit and the moment
/// devices see it, nothing may be dropped.
pub(crate) async fn finish_changes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => ApiError::internal(error).into_response(),
    }
}
