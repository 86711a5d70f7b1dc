//! The app's mark as the pixels of a window icon.

use egui::{Color32, IconData, Pos2, Rect, Vec2, pos2, vec2};

use super::theme::DARK;

/// A signal head with its top lamp green on a dark tile, `size` pixels wide.
pub fn app_icon(size: u16) -> IconData {
    let unit = 20.0 / f32::from(size);
    let mut rgba = Vec::with_capacity(usize::from(size) * usize::from(size) * 4);
    for y in 0..size {
        for x in 0..size {
            // The middle of the pixel, on a grid of 20 points.
            let at = pos2(f32::from(x) + 0.5, f32::from(y) + 0.5) * unit;
            rgba.extend(pixel(at, unit).to_srgba_unmultiplied());
        }
    }
    IconData {
        rgba,
        width: size.into(),
        height: size.into(),
    }
}

fn pixel(at: Pos2, unit: f32) -> Color32 {
    let center = pos2(10.0, 10.0);
    let tile = Rect::from_center_size(center, Vec2::splat(20.0));
    let head = Rect::from_center_size(center, vec2(7.0, 15.0));
    let stroke = |distance: f32, width: f32| distance.abs() - width / 2.0;
    let mut color = Color32::TRANSPARENT;
    let mut cover = |distance: f32, paint: Color32| {
        // One pixel of transition smooths the edges.
        let share = (0.5 - distance / unit).clamp(0.0, 1.0);
        color = color.lerp_to_gamma(paint, share);
    };
    cover(to_rounded(at, tile, 4.5), DARK.bg_card);
    cover(stroke(to_rounded(at, head, 3.5), 1.2), DARK.tx_primary);
    cover(to_circle(at, pos2(10.0, 5.8), 1.8), DARK.go_solid);
    for y in [10.0, 14.2] {
        let ring = stroke(to_circle(at, pos2(10.0, y), 1.3), 1.0);
        cover(ring, DARK.tx_primary);
    }
    color
}

fn to_circle(at: Pos2, center: Pos2, radius: f32) -> f32 {
    at.distance(center) - radius
}

/// How far outside of a rounded rectangle a point is; negative inside.
fn to_rounded(at: Pos2, rect: Rect, corner: f32) -> f32 {
    let beyond = (at - rect.center()).abs() - rect.size() / 2.0 + Vec2::splat(corner);
    let outside = beyond.max(Vec2::ZERO).length();
    outside + beyond.max_elem().min(0.0) - corner
}
