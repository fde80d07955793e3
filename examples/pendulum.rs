//! A parameter sweep of a differential equation: the bifurcation diagram of a driven
//! pendulum.
//!
//! A damped pendulum is driven by a periodic force. For each strength of the force, the
//! program integrates the motion until it has settled, and plots the velocities at the
//! beginning of each period: one point where the motion repeats with each period, two
//! where it repeats with every second, and many where it is chaotic.
//!
//! ```console
//! cargo run --release --example pendulum --features plot
//! ```
//!
//! writes `pendulum.svg`. The second run only plots. `[memoize]` and `[parallel]` are on
//! one function; extend the range of forces, and only the new ones are computed.
//! `pendulum.joblib` has the velocities as one file, to map in another program.

use std::error::Error;
use std::f64::consts::TAU;
use std::time::Instant;

use joblib::{Key, Persist, memoize, parallel};
use plotters::prelude::*;

/// `θ'' + damping θ' + sin θ = force cos(frequency t)`, in units of the pendulum.
#[derive(Clone, Copy, Key, Persist)]
struct Pendulum {
    damping: f64,
    force: f64,
    frequency: f64,
}

/// Steps of integration in each period of the force.
const STEPS: u32 = 200;
/// Periods until the motion has settled.
const SETTLING: u32 = 200;
/// Periods whose velocities are plotted.
const PLOTTED: u32 = 60;

/// Returns the velocity at the beginning of each period, after the motion has settled.
#[memoize(dir = ".cache")]
#[parallel]
fn velocities(pendulum: Pendulum) -> Vec<f64> {
    let mut state = [0.2, 0.0];
    let mut velocities = Vec::new();
    for period in 0..SETTLING + PLOTTED {
        if period >= SETTLING {
            velocities.push(state[1]);
        }
        for step in 0..STEPS {
            state = pendulum.step(f64::from(step) / f64::from(STEPS), state);
        }
    }
    velocities
}

impl Pendulum {
    /// One step by the classical method of Runge and Kutta. `phase` is the part of the
    /// period that has passed, `state` is angle and angular velocity.
    fn step(&self, phase: f64, state: [f64; 2]) -> [f64; 2] {
        let dt = TAU / self.frequency / f64::from(STEPS);
        let at = |passed: f64, slope: [f64; 2]| {
            let [angle, velocity] = [0, 1].map(|i| state[i] + passed * dt * slope[i]);
            let drive = self.force * (TAU * (phase + passed / f64::from(STEPS))).cos();
            [velocity, drive - self.damping * velocity - angle.sin()]
        };
        let k1 = at(0.0, [0.0, 0.0]);
        let k2 = at(0.5, k1);
        let k3 = at(0.5, k2);
        let k4 = at(1.0, k3);
        [0, 1].map(|i| state[i] + dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
    }
}

/// The result of the sweep, as a file.
#[derive(Persist)]
struct Sweep {
    pendulums: Vec<Pendulum>,
    /// For each pendulum, its velocities.
    velocities: Vec<Vec<f64>>,
}

#[joblib::main]
fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let forces = (0..300).map(|i| 1.0 + 0.5 * f64::from(i) / 300.0);
    let pendulums: Vec<Pendulum> = forces
        .map(|force| Pendulum {
            damping: 0.5,
            force,
            frequency: 2.0 / 3.0,
        })
        .collect();
    let velocities = velocities::par(pendulums.iter().copied())
        .progress("forces")
        .collect();
    let sweep = Sweep {
        pendulums,
        velocities,
    };
    joblib::dump(&sweep, "pendulum.joblib")?;
    plot(&sweep, "pendulum.svg")?;

    let stats = self::velocities::stats();
    let loaded = stats.memory_hits + stats.disk_hits;
    println!(
        "{} motions computed, {loaded} loaded, in {:.2?}",
        stats.misses,
        start.elapsed()
    );
    println!("written: pendulum.svg, pendulum.joblib");
    Ok(())
}

/// Writes the diagram as an SVG file.
fn plot(sweep: &Sweep, path: &str) -> Result<(), Box<dyn Error>> {
    let picture = SVGBackend::new(path, (900, 500)).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .caption("A driven pendulum", ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(1.0..1.5, -1.0..3.0)?;
    let mut axes = chart.configure_mesh();
    axes.x_desc("force")
        .y_desc("velocity")
        .disable_mesh()
        .draw()?;
    let each = sweep.pendulums.iter().zip(&sweep.velocities);
    let points = each.flat_map(|(it, velocities)| velocities.iter().map(|v| (it.force, *v)));
    chart.draw_series(points.map(|point| Pixel::new(point, BLUE)))?;
    picture.present()?;
    Ok(())
}
