//! The server's disk is full in the middle of an upload: said as such, and the publication goes on when there is room.

use ota_api::ProblemCode;
use ota_client::{CancellationToken, PublishError, publish};
use ota_model::Sequence;
use ota_testing::{TestServer, TinyDisk, WebBuild};

use crate::support::{Told, World, small_parts};

#[tokio::test]
async fn an_upload_that_filled_the_servers_disk_goes_on_when_there_is_room() {
    let disk = TinyDisk::mount(8 * 1024);
    let server = TestServer::builder().data(disk.path().join("data")).start();
    let world = World::on(server).await;
    let build = WebBuild::large(1, 1_500_000);
    let filler = disk.fill(700_000);
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);

    let error = publish(&world.client, request, |_| {}, CancellationToken::new())
        .await
        .unwrap_err();

    let PublishError::Client(error) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(error.code(), Some(ProblemCode::StorageFull));
    assert_eq!(world.drafts().await, ["2.5.0"]);
    assert_eq!(world.offered("staging").await, None);

    fs_err::remove_file(filler).unwrap();
    let told = Told::default();
    let mut request = world.request(&build, "2.5.0");
    request.options = small_parts(100_000);
    let published = publish(
        &world.client,
        request,
        told.sink(),
        CancellationToken::new(),
    )
    .await
    .unwrap();

    assert!(
        told.log("put")[0].starts_with("the server has "),
        "{:?}",
        told.log("put")
    );
    assert_eq!(published.sequence, Sequence(1));
}
