// Types that the scripts of static/js share: features of the service's maps, and the town of the map file.
import type * as Leaflet from "leaflet";

declare module "leaflet" {
  function geoJSON<FeatureT extends MapFeature<unknown, unknown>>(
    features: FeatureT | readonly FeatureT[] | null,
    options?: FeatureLayerOptions<FeatureT>,
  ): FeatureLayer<FeatureT>;
}

declare global {
  // Layers of Leaflet that are made of features only: unlike in Leaflet's own types, their functions always receive one

  type FeatureStyle<FeatureT> = Leaflet.PathOptions | ((feature: FeatureT) => Leaflet.PathOptions);
  type FeaturePath<FeatureT> = (Leaflet.Polygon | Leaflet.Polyline | Leaflet.CircleMarker) & { feature: FeatureT };

  interface FeatureLayer<FeatureT> extends Leaflet.GeoJSON {
    setStyle(style: FeatureStyle<FeatureT>): this;
    getLayers(): FeaturePath<FeatureT>[];
    addData(feature: FeatureT): this;
  }

  interface FeatureLayerOptions<FeatureT> {
    interactive?: boolean;
    style?: FeatureStyle<FeatureT>;
    pointToLayer?: (feature: FeatureT, point: Leaflet.LatLng) => Leaflet.Layer;
    onEachFeature?: (feature: FeatureT, layer: Leaflet.Layer) => void;
  }

  /** A map of Folium, which names it so. */
  var map_overview: Leaflet.Map | undefined;

  // Features of the service's maps

  type AreaGeometry = GeoJSON.Polygon | GeoJSON.MultiPolygon;
  interface MapFeature<P, Id = number, GeometryT = GeoJSON.Geometry> {
    type: "Feature";
    id: Id;
    geometry: GeometryT;
    properties: P;
  }

  type AreaStatus = "under" | "in_range" | "over" | "dedicated" | "no_counts";
  /** Status of a grid of a file, where households are always known. */
  type FileGridStatus = Exclude<AreaStatus, "no_counts">;
  type StreetFeature = MapFeature<{ kind: string }, undefined>;
  type GivenStreetFeature = MapFeature<{ grid: string; other_grid: string }, number, StreetGeometry>;
  type StreetGeometry = GeoJSON.LineString | GeoJSON.MultiLineString;
  type StreetNameFeature = MapFeature<{ name: string }, undefined, GeoJSON.Point>;
  type CommunityFeature = MapFeature<{ name: string }, number, AreaGeometry>;
  type BorderFeature = MapFeature<unknown, unknown>;

  interface Households {
    number: number;
    low: number;
    high: number;
    estimated: boolean;
  }

  interface JobStatus {
    state: string;
    state_text: string;
    step: string;
    percent: number | null;
    is_finished: boolean;
  }
  type GridFeature = MapFeature<GridProperties, number, AreaGeometry>;
  interface GridProperties {
    code: string;
    name: string | null;
    status: AreaStatus;
    kind: string;
    reason: string | null;
    community_id: number;
    workers: string[];
    households: Households;
    minimum: number;
    maximum: number;
    norm_kind: "resident" | "registered" | "dwelling";
    norm_persons: [number, number] | null;
    residents: number | null;
    buildings: number;
    area_m2: number;
    effective_date: string;
  }

  type PlanGridFeature = MapFeature<{ code: string; status: AreaStatus; households: number }, number, AreaGeometry>;
  type PlanBuildingFeature = MapFeature<Record<string, string | number | boolean | null>>;

  /** A grid, a building or a place on the map on which a place is touched. */
  type PlaceMapFeature = MapFeature<
    { layer: "grid" | "building" | "place"; name: string | null },
    number | string,
    AreaGeometry | GeoJSON.Point
  >;

  type PreviewState = "faulty" | "new" | "changed" | "contradiction" | "gone" | "unchanged";
  /** A row of an import that has a place. */
  type PreviewFeature = MapFeature<{ state: PreviewState; row: number }, undefined, GeoJSON.Geometry>;

  type LayerName = "extent" | "grid" | "street" | "building" | "residentGroup" | "border" | "givenStreet" | "incident";
  /** A feature on pages of grids; which properties it has depends on its layer. */
  type LayerFeature = MapFeature<{
    layer: LayerName;
    name: string;
    code: string;
    status: AreaStatus;
    kind: string;
    levels: number | null;
    urgent: boolean;
    overdue: boolean;
    url: string | null;
  }>;

  /** A place on the map of a grid. */
  type PlaceFeature = MapFeature<
    {
      layer: "place";
      kind: string;
      symbol: string;
      kind_name: string;
      name: string | null;
      address: string | null;
    },
    string,
    GeoJSON.Point
  >;

  /** Fields of Leaflet's paths on a canvas that its types leave out. */
  interface PrivatePath {
    _renderer: { _drawing: boolean; _ctx: CanvasRenderingContext2D };
    _point: Leaflet.Point;
  }

  interface OverviewFeatures {
    communities: CommunityFeature[];
    grids: GridFeature[];
    groups: BorderFeature[];
    streets: StreetFeature[];
  }

  type GridFilter = (grid: { id: number }) => boolean;

  interface PlanFeatures {
    border: BorderFeature;
    after: PlanGridFeature[];
    before?: PlanGridFeature[];
    buildings: PlanBuildingFeature[];
    streets: StreetFeature[];
    givenStreets?: GivenStreetFeature[];
  }

  // The first day

  /** Longitude and latitude. */
  type Vertex = [number, number];
  interface TracedShape {
    id: string;
    kind: string;
    form: "LineString" | "Polygon";
    vertices: Vertex[];
    name: string;
    code: string;
    type: string;
  }
  interface Snap {
    vertex: Vertex;
    shape: TracedShape;
    isVertex: boolean;
  }
  interface PlacedPicture {
    id: number;
    name: string;
    url: string;
    width: number;
    height: number;
    affine: number[] | null;
  }
  interface DraftBuilding {
    estate: string;
    number: string;
    households: number;
    moved: boolean;
    ring: Vertex[];
  }
  interface DraftFault {
    text: string;
    shapes: string[];
    place: Vertex;
    blocks: boolean;
    fixable: boolean;
  }
  interface DraftValues {
    version: number;
    shapes?: TracedShape[];
    faults: DraftFault[];
    buildings: DraftBuilding[];
    estates: string[];
    missing: string[];
  }
  type SaveState = "saving" | "saved" | "unsaved" | "conflict" | "refused" | "offline" | "signedOut";
  interface TracingData {
    draft: DraftValues;
    pictures: PlacedPicture[];
    readOnly: boolean;
    subdistrict: number;
    communities: Record<string, string>;
    saveUrl: string;
    loadUrl: string;
    fixUrl: string;
    moveUrl: string;
    signInUrl: string;
    texts: Record<string, string>;
  }
  interface PlacingPoint {
    x: number;
    y: number;
    text: string;
  }
  interface PlacingData {
    picture: PlacedPicture;
    others: PlacedPicture[];
    shapes: TracedShape[];
    points: [number, number, number, number][];
    previewUrl: string;
    texts: Record<string, string>;
  }

  type HeatMeasure = "number" | "rate" | "change";
  type HeatShape = "grids" | "symbols" | "squares";
  /** A grid or a square, as an area or as the point of a symbol; squares have no id. */
  type HeatPlace = MapFeature<HeatProperties, number | undefined>;
  type HeatFeature = MapFeature<HeatProperties, number | undefined, AreaGeometry>;
  interface HeatProperties {
    label?: string;
    title?: string;
    number: number;
    rate: number | null;
    change?: number | null;
    count_class: number;
    rate_class: string | null;
    change_class?: string | null;
  }

  interface HeatFeatures {
    grids: HeatFeature[];
    squares: HeatFeature[];
    communities: CommunityFeature[];
    streets: StreetFeature[];
    streetNames: StreetNameFeature[];
  }

  /** Left, top, right and bottom. */
  type Box = [number, number, number, number];

  // The map file

  type Language = string;
  type Translated = Record<Language, string> | null;
  type HouseholdRange = [number, number];
  type Severity = "high" | "medium" | "low";
  /** Steps of coordinates, in millionths of a degree: of a part of a shape, or of a point. */
  type CoordinateSteps = number[];
  /** The dimension of a shape, then its points, lines or rings. */
  type EncodedShape = [number, ...CoordinateSteps[]];
  type Part = Float64Array;
  type MapPosition = [number, number];

  interface Shape {
    kind: number;
    parts: Part[];
    box: Box;
  }

  interface SpatialIndex {
    within(box: Box): number[];
    at(x: number, y: number, reach?: number): number;
  }

  /** Columns of a layer of the page, and its shapes as they are sent (given) or decoded. */
  interface LayerColumns {
    areas: object;
    communities: { code: string[]; name: string[]; anchor: CoordinateSteps[] };
    buildings: {
      building_id: string[];
      name: (string | null)[];
      households: number[];
      range: (HouseholdRange | null)[];
    };
    streets: { name: (string | null)[]; kind: (string | null)[] };
    barriers: { kind: string[] };
    dedicated: { name: string[] };
    drawn: { code: string[]; anchor: CoordinateSteps[] };
    faults: object;
  }
  type OptionalLayer = "drawn" | "faults";
  type GivenLayers = {
    [Name in Exclude<keyof LayerColumns, OptionalLayer>]: LayerColumns[Name] & { shapes: EncodedShape[] };
  } & { [Name in OptionalLayer]?: LayerColumns[Name] & { shapes: EncodedShape[] } };
  type DecodedLayer<ColumnsT> = ColumnsT & { shapes: Shape[]; index: SpatialIndex };

  interface GivenGrid {
    code: string;
    short: string;
    community_code: string;
    kind: string;
    status: Exclude<FileGridStatus, "dedicated">;
    reason: Translated;
    place: string | null;
    households: number | null;
    buildings: number | null;
    area_m2: number | null;
    perimeter_m: number | null;
    polsby_popper: number | null;
    radius_m: number | null;
    range: HouseholdRange | null;
    tint: number;
    anchor: CoordinateSteps;
  }

  interface GivenFault {
    id: number;
    kind: string;
    severity: Severity;
    area_m2: number | null;
    width_m: number | null;
    grids: string[];
    community_code: string | null;
    households: number | null;
    buildings: number | null;
    /** Households in no earlier fault of the kind: three grids may share one place. */
    new_households: number;
    estimated: boolean;
    place: string | null;
    suggestion: Translated;
    anchor: CoordinateSteps;
  }

  interface GivenChange {
    building_id: string;
    name: string | null;
    households: number | null;
    range: HouseholdRange | null;
    from_code: string;
    to_code: string;
    reason: Translated;
    anchor: CoordinateSteps;
  }

  /** What gridmap/maps/plan_layers.py builds. */
  interface GivenTown {
    title: string;
    allowed: [number, number] | null;
    lots: boolean;
    bounds: [number, number, number, number];
    origin: MapPosition;
    estimated: HouseholdRange | null;
    grids: GivenGrid[];
    faults: GivenFault[] | null;
    changes: GivenChange[] | null;
    layers: GivenLayers;
  }

  /** Faults and changes know their number and the place of their mark. */
  interface Placed {
    position: number;
    at: MapPosition;
  }
  type Grid = GivenGrid & { position: number; state: FileGridStatus };
  type Fault = GivenFault & Placed;
  type Change = GivenChange & Placed;

  interface Town extends Pick<GivenTown, "title" | "allowed" | "lots" | "estimated"> {
    box: Box;
    anchor: (given: { anchor: CoordinateSteps }) => MapPosition;
    grids: Grid[];
    faults: Fault[] | null;
    changes: Change[] | null;
    /** Codes that tell grids of several communities apart. */
    clear: Map<string, string>;
    areas: DecodedLayer<LayerColumns["areas"]>;
    communities: DecodedLayer<LayerColumns["communities"]>;
    buildings: DecodedLayer<LayerColumns["buildings"]>;
    streets: DecodedLayer<LayerColumns["streets"]>;
    barriers: DecodedLayer<LayerColumns["barriers"]>;
    dedicated: DecodedLayer<LayerColumns["dedicated"]>;
    drawn?: DecodedLayer<LayerColumns["drawn"]>;
    outlines?: DecodedLayer<LayerColumns["faults"]>;
  }

  /** What the map shows: states of grids, faults, or a repair. */
  type Look = "states" | "faults" | "before" | "changes";
  type ListName = "grids" | "faults" | "changes";

  /** What a table shows; groups, their heads and `few` rows of each only where rows come in groups. */
  interface TablePlan<RecordT> {
    records: RecordT[];
    row: (record: RecordT) => HTMLTableRowElement;
    sorts: Record<string, (a: RecordT, b: RecordT) => number>;
    sort: string;
    falling?: string[];
    group?: (record: RecordT) => string;
    head?: (records: RecordT[]) => Element[];
    few?: number;
  }

  interface MarkPlan<RecordT> {
    symbol: (record: RecordT) => string;
    word: (records: RecordT[]) => string;
  }

  /** A canvas tile of the map file: its pen, its place and its scale. */
  interface TileView {
    pen: CanvasRenderingContext2D;
    scale: number;
    left: number;
    top: number;
    box: Box;
    /** Metres a pixel. */
    metres: number;
  }

  // Reports that a phone keeps until the server has them

  type ReportOutcome = "sent" | "refused" | "tooLarge" | "otherAccount" | "signedOut" | "unreachable";
  type QueueNote = "waiting" | "signedOut" | "otherAccount" | "refused" | "sent";
  interface ReportFault {
    field: string;
    problem: string;
  }
  interface ReportAnswer {
    account?: number;
    token?: string;
    number?: string;
    faults?: ReportFault[];
    confirmations?: Record<string, string>;
  }
  interface QueuedReport {
    key: number;
    account: number;
    fields: Record<string, string>;
    photos: Blob[];
    label: string;
    state: "held" | "waiting" | "refused" | "sent";
    changedAt: number;
    number?: string;
    faults?: ReportFault[];
    confirmations?: Record<string, string>;
  }
  /** A report that may not be stored yet. */
  type UnsentReport = Omit<QueuedReport, "key"> & { key?: number };
  /** An open case near the place of a report. */
  interface KnownCase {
    id: number;
    title: string;
    details: string;
  }
  interface QueueHandlers {
    onConfirm: (report: QueuedReport) => void;
    onMend: (report: QueuedReport) => void;
    onDelete: (report: QueuedReport) => void;
  }
  interface SavedChoice {
    value: string;
    text: string;
    group: string;
  }
  interface SavedForm {
    account: number;
    clockOffset: number;
    category: SavedChoice[];
    building: SavedChoice[];
  }

  /** Set by the server in front of the service worker. */
  var CONFIG: { version: string; form: string; files: string[]; pages: string[] };
  interface WorkerEvent extends Event {
    request: Request;
    waitUntil(work: Promise<unknown>): void;
    respondWith(response: Promise<Response>): void;
  }
  interface ServiceWorkerScope {
    skipWaiting(): Promise<void>;
    clients: { claim(): Promise<void> };
    addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
  }
}
